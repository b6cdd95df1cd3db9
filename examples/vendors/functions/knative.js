// Knative Functions.
const handle = async (context, body) => {
  context.log.info(`parcel to ${body.to}`);
  const stamp = { station: 'knative', call: null, note: context.method };
  return {
    headers: { 'content-type': 'application/json' },
    body: { ...body, stamps: [...body.stamps, stamp] },
  };
};

module.exports = { handle };
