"""Messages that a Pub/Sub subscription pushes."""

import re
from datetime import datetime, timezone

PUBSUB_MESSAGE = "type.googleapis.com/google.pubsub.v1.PubsubMessage"

_TOPIC = re.compile(r"projects/[^/?]+/topics/[^/?]+")


def pushed_message(body, path):
    """The background event that Google makes of one; None when the body is none."""
    if not isinstance(body, dict) or body.get("context") or not body.get("subscription"):
        return None
    message = body.get("message")
    if not isinstance(message, dict) or not message.get("data") or not message.get("messageId"):
        return None
    topic = _TOPIC.search(path)
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "context": {
            "eventId": message["messageId"],
            "timestamp": message.get("publishTime") or now,
            "eventType": "google.pubsub.topic.publish",
            "resource": {
                "service": "pubsub.googleapis.com",
                "type": PUBSUB_MESSAGE,
                "name": topic.group(0) if topic else None,
            },
        },
        "data": {"@type": PUBSUB_MESSAGE, "data": message["data"], "attributes": message.get("attributes") or {}},
    }
