// Apache OpenWhisk: a web action; members of the body are parameters.
function main({ to, stamps, __ow_method }) {
  const stamp = { station: 'openwhisk', call: process.env.__OW_ACTIVATION_ID, note: __ow_method };
  return { statusCode: 200, body: { to, stamps: [...stamps, stamp] } };
}

exports.main = main;
