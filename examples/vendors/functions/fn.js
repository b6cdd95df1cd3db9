const fdk = require('@fnproject/fdk');

// Fn Project: the host brings its function development kit.
fdk.handle((parcel, ctx) => {
  ctx.setResponseHeader('X-Station', 'fn');
  const stamp = { station: 'fn', call: ctx.callID, note: ctx.fnName ?? null };
  return { ...parcel, stamps: [...parcel.stamps, stamp] };
});
