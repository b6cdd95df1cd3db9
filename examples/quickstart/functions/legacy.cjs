/**
 * A handler as it was written for AWS Lambda in 2015: CommonJS, three parameters, an answer by callback. It has no
 * default export and one named "handler", so that Mayfly knows the dialect without being told.
 */
const os = require('node:os');

exports.handler = (event, context, callback) => {
  const query = event.queryStringParameters || {};
  if (query.fail) return callback(new Error('Failed because you asked for it.'));
  setTimeout(() => {
    callback(null, {
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        message: ['Hello from', context.functionName].join(' '),
        path: event.rawPath,
        requestId: context.awsRequestId,
        remainingMs: context.getRemainingTimeInMillis(),
        platform: os.platform(),
      }),
    });
  }, 1);
};
