"""Mayfly's own dialect for events."""

import os
import time
from datetime import datetime, timezone
from inspect import isawaitable
from urllib.parse import parse_qsl, urlsplit

from ..call_context import CallContext
from ..coroutines import finish
from ..dialect import Dialect, Handler, callable_export
from ..event_data import parse_body, parse_data
from ..result import send_json


class EventDialect(Dialect):
    """
    `def handler(event, context)`, also `async def`: the event is a CloudEvent (a dictionary) with its data parsed, the result is
    JSON. An HTTP call arrives as an event of type `mayfly.http`.
    """

    def bind(self, exported, instance):
        return EventHandler(callable_export(exported, instance))


class EventHandler(Handler):
    """Serves calls with a function of the author's."""

    def __init__(self, handle):
        self._handle = handle

    def serve(self, call, respond):
        result = self._handle(_cloud_event(call), CallContext(call))
        if isawaitable(result):
            result = finish(result)
        send_json(result, respond)


def _cloud_event(call):
    http = call.message.get("http")
    if http is None:
        return {**call.message["event"], "data": parse_data(call)}
    headers = {}
    for name, value in zip(http["headers"][::2], http["headers"][1::2]):
        name = name.lower()
        headers[name] = value if name not in headers else "%s, %s" % (headers[name], value)
    url = urlsplit(http["url"])
    body = call.body.all()
    return {
        "specversion": "1.0",
        "id": call.message["id"],
        "source": "/%s/%s" % (os.environ.get("MAYFLY_APP"), os.environ.get("MAYFLY_FUNCTION")),
        "type": "mayfly.http",
        "time": datetime.fromtimestamp(time.time(), timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {
            "method": http["method"],
            "url": http["url"],
            "path": url.path or "/",
            "query": dict(parse_qsl(url.query, keep_blank_values=True)),
            "headers": headers,
            "params": http["params"],
            "body": parse_body(body, headers.get("content-type", "application/octet-stream")),
        },
    }
