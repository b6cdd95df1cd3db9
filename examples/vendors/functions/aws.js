// AWS Lambda behind a function URL: payload format 2.0.
exports.handler = async (event, context) => {
  const body = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body;
  const parcel = JSON.parse(body);
  parcel.stamps.push({
    station: 'aws',
    call: context.awsRequestId,
    note: `${event.requestContext.http.method}, ${context.getRemainingTimeInMillis() > 0 ? 'in time' : 'late'}`,
  });
  return parcel;
};
