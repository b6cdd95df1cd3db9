exports.initContext = async (context) => {
  context.userData = { clerk: 'the one at the counter' };
};

// Nuclio: the body is a Buffer unless it is JSON, the answer goes to a callback.
exports.handler = (context, event) => {
  const parcel = Buffer.isBuffer(event.body) ? JSON.parse(event.body) : event.body;
  parcel.stamps.push({ station: 'nuclio', call: event.id ?? null, note: context.userData.clerk });
  context.callback(new context.Response(JSON.stringify(parcel), {}, 'application/json', 200));
};
