const functions = require('@google-cloud/functions-framework');

functions.http('hello', (_request, response) => {
  response.type('text/plain').send('hello\n');
});
