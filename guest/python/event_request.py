"""Events for dialects that know only HTTP."""

import io
import os
from urllib.parse import quote

_SAFE = "!#$&'()*+,/:;=?@-._~"


def request_of(message):
    """The HTTP request of a call; an event as the request that would bring it."""
    http = message.get("http")
    return _event_as_http(message["event"]) if http is None else http


class AsHttp:
    """A call with another request, or an event's call with one; `body` is what is left of its body when it was read already."""

    def __init__(self, call, http, body=None):
        self._call = call
        self.message = {**call.message, "http": http}
        if body is not None:
            self.body = io.BytesIO(body)

    def __getattr__(self, name):
        return getattr(self._call, name)


def _event_as_http(event):
    """
    POST to the app itself, the event's data as the body and, unless it is a plain invocation, the envelope in `ce-` headers
    (CloudEvents, HTTP binding, binary mode).
    """
    headers = []
    if isinstance(event.get("datacontenttype"), str):
        headers += ["content-type", event["datacontenttype"]]
    if event.get("type") != "mayfly.invoke":
        for name, value in event.items():
            if name != "datacontenttype":
                headers += ["ce-" + name, quote(str(value), safe=_SAFE)]
    return {
        "method": "POST",
        "url": "http://%s/" % os.environ.get("MAYFLY_APP", "localhost"),
        "headers": headers,
        "remoteAddress": "127.0.0.1",
        "route": "/",
        "params": {},
    }
