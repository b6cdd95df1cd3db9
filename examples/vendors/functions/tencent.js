// Tencent Cloud's SCF behind its API Gateway.
exports.main_handler = async (event, context) => {
  const parcel = JSON.parse(event.body);
  parcel.stamps.push({
    station: 'tencent',
    call: context.request_id,
    note: `${context.memory_limit_in_mb} MB`,
  });
  return {
    isBase64Encoded: false,
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(parcel),
  };
};
