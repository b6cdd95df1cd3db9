const functions = require('@google-cloud/functions-framework');

// Google's Functions Framework: Express's request and response.
functions.http('stamp', (req, res) => {
  const { to, stamps } = req.body;
  const stamp = {
    station: 'google',
    call: null,
    note: `${req.method}, ${req.rawBody.length > 0 ? 'full' : 'empty'}`,
  };
  res.set('X-Station', 'google').json({ to, stamps: [...stamps, stamp] });
});
