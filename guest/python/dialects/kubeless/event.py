"""What a function gets."""

import json

from ...header_fields import header_in

METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")


def data_of(body, content_type):
    """Bytes, parsed when they are JSON by their type. Raises ValueError."""
    is_json = (content_type or "").split(";")[0].strip() == "application/json"
    return json.loads(body) if is_json else body


def attributes_of(message):
    """What says which event it is: from the headers of a request, or from an event's envelope."""
    http = message.get("http")
    names = ("event-id", "event-type", "event-time", "event-namespace")
    if http is not None:
        return {name: header_in(http["headers"], name) for name in names}
    event = message["event"]
    told = (event.get("id") or message["id"], event.get("type"), event.get("time"), event.get("source"))
    return dict(zip(names, told))
