// A Cloudflare Worker.
export default {
  async fetch(request, env, ctx) {
    const parcel = await request.json();
    ctx.waitUntil(Promise.resolve(console.log(`parcel to ${parcel.to}`)));
    parcel.stamps.push({
      station: env.STATION,
      call: request.headers.get('x-request-id'),
      note: request.method,
    });
    return Response.json(parcel);
  },
};
