// Kubeless.
exports.stamp = (event, context) => {
  const parcel = event.data;
  parcel.stamps.push({
    station: 'kubeless',
    call: event['event-id'] ?? null,
    note: context['function-name'],
  });
  return parcel;
};
