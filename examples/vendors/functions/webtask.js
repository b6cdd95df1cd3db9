// Auth0's Webtask: the number of parameters is its contract.
module.exports = (context, callback) => {
  const { to, stamps } = context.body;
  callback(null, {
    to,
    stamps: [...stamps, { station: context.secrets.STATION, call: null, note: 'two parameters' }],
  });
};
