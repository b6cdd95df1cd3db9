let opened = 'closed';

exports.initialize = (context, callback) => {
  opened = `open for ${context.function.name}`;
  callback(null, '');
};

// Function Compute 3.0: the event is a Buffer, an HTTP request in it.
exports.handler = async (event, context) => {
  const request = JSON.parse(event);
  const body = Buffer.from(request.body, request.isBase64Encoded ? 'base64' : 'utf8');
  const parcel = JSON.parse(body);
  parcel.stamps.push({ station: 'alibaba', call: context.requestId, note: opened });
  return { statusCode: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(parcel) };
};
