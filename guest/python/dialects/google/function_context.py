"""`context` of functions of the first generation."""


class Context:
    """Attributes as Google documents them."""

    def __init__(self, eventId="", timestamp="", eventType="", resource="", **_more):
        self.event_id = eventId
        self.timestamp = timestamp
        self.event_type = eventType
        self.resource = resource

    def __str__(self):
        return "{event_id: %s, timestamp: %s, event_type: %s, resource: %s}" % (
            self.event_id,
            self.timestamp,
            self.event_type,
            self.resource,
        )
