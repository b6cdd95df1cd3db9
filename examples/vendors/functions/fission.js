// Fission's environment for Node.js.
module.exports = async (context) => {
  const parcel = context.request.body;
  const note = context.request.get('content-type');
  parcel.stamps.push({ station: 'fission', call: null, note });
  return { status: 200, body: parcel, headers: { 'X-Station': 'fission' } };
};
