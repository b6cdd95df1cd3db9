"""What a handler gets for a call."""

import json
from datetime import datetime, timezone

from ...header_fields import go_name, header_in
from ...request_data import last_values, query_record, split_target


class TriggerInfo:
    """What brought an event."""

    def __init__(self, klass="", kind="", name=""):
        self.klass = klass
        self.kind = kind
        self.name = name


class Event:
    """Names of headers are written as Go writes them: `Content-Type`. A body of the type `application/json` is parsed."""

    def __init__(self, body=None, content_type=None, trigger=None, fields=None, headers=None, _id=None, **about):
        self.body = body
        self.content_type = content_type
        self.trigger = trigger or TriggerInfo()
        self.fields = fields or {}
        self.headers = headers or {}
        self.id = _id
        self.method = about.get("method")
        self.path = about.get("path") or "/"
        self.size = about.get("size")
        self.timestamp = about.get("timestamp") or 0
        self.url = about.get("url")
        self.shard_id = about.get("shard_id")
        self.num_shards = about.get("num_shards")
        self.type = about.get("_type")
        self.type_version = about.get("type_version")
        self.version = about.get("version")
        self.last_in_batch = about.get("last_in_batch", False)
        self.offset = about.get("offset", 0)
        self.topic = about.get("topic", "")

    def get_header(self, header_key):
        """The value of a header, however it is written; None when there is none."""
        wanted = header_key.lower()
        return next((value for name, value in self.headers.items() if name.lower() == wanted), None)

    def to_json(self):
        """The event as a text."""
        trigger = {"class": self.trigger.klass, "kind": self.trigger.kind}
        return json.dumps({**vars(self), "trigger": trigger}, default=str)

    __repr__ = to_json


def nuclio_event(message, body):
    """The event of a call."""
    http = message.get("http")
    told = _envelope_event(message["event"], message["id"]) if http is None else _http_event(http, message["id"])
    return Event(body=_decoded(body, told["content_type"]), size=len(body), shard_id=0, num_shards=0, type_version="", **told)


def _decoded(body, content_type):
    if content_type == "application/json":
        try:
            return json.loads(body)
        except ValueError as thrown:
            print("The body is no JSON, though it says so: %s" % thrown)
    return body


def _http_event(http, call_id):
    path, query = split_target(http["url"])
    return {
        "content_type": header_in(http["headers"], "content-type") or "",
        "trigger": TriggerInfo("http", "http", "default-http"),
        "fields": last_values(query_record(query)),
        "headers": {go_name(name): value for name, value in zip(http["headers"][::2], http["headers"][1::2])},
        "_id": call_id,
        "method": http["method"],
        "path": path,
        "timestamp": datetime.now(timezone.utc),
        "url": http["url"],
        "_type": "",
        "version": "",
    }


def _envelope_event(event, call_id):
    direct = event.get("type") == "mayfly.invoke"
    kind = "http" if direct else "cron" if event.get("type") == "mayfly.schedule" else "event"
    return {
        "content_type": str(event.get("datacontenttype") or ""),
        "trigger": TriggerInfo("http" if direct else "async", kind, "default-http" if direct else kind),
        "fields": {} if direct else dict(event),
        "headers": {},
        "_id": call_id if direct else str(event.get("id") or call_id),
        "method": "POST" if direct else "",
        "path": "/",
        "timestamp": datetime.now(timezone.utc) if direct else _time(event.get("time")),
        "url": str(event.get("source") or ""),
        "_type": str(event.get("type") or ""),
        "version": str(event.get("specversion") or ""),
    }


def _time(text):
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return datetime.now(timezone.utc)
