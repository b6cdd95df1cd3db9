// OpenFaaS's template for Node.js.
module.exports = async (event, context) => {
  const parcel = event.body;
  parcel.stamps.push({ station: 'openfaas', call: null, note: `${event.method} ${event.path}` });
  return context.status(200).headers({ 'content-type': 'application/json' }).succeed(parcel);
};
