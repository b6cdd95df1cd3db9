import { app } from '@azure/functions';

// Azure Functions, programming model 4.
app.http('stamp', {
  route: 'azure/{gate}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request, context) => {
    const parcel = await request.json();
    const stamp = { station: 'azure', call: context.invocationId, note: `gate ${request.params.gate}` };
    return { jsonBody: { ...parcel, stamps: [...parcel.stamps, stamp] } };
  },
});
