// Mayfly's own contract for events: CloudEvents 1.0. A request arrives as one of the type mayfly.http.
export default function stamp(event, context) {
  const parcel = event.data.body;
  return {
    ...parcel,
    stamps: [
      ...parcel.stamps,
      { station: 'cloudevents', call: context.requestId ?? event.id, note: event.type },
    ],
  };
}
