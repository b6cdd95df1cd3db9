"""`def function(cloud_event)` and, of the first generation, `def function(data, context)`."""

import json

from ...answer import Answer
from ...cloud_event import new_event
from ...cloud_event.event import CloudEventInvalid
from ...cloud_event.http_binding import from_http
from ...coroutines import finish_if_awaitable
from ...dialect import Handler
from ...event_data import parse_data
from ...header_fields import header_record
from ...request_data import split_target
from ...result import send_json
from .background_event import background_event
from .event_conversion import cloud_event_of
from .event_kinds import EventConversionError
from .function_context import Context
from .pushed_message import pushed_message

_HTML_TYPE = "text/html; charset=utf-8"


class EventFunction(Handler):
    """Both take both kinds of events, by HTTP or as Mayfly's own."""

    def __init__(self, function, legacy):
        self._function = function
        self._legacy = legacy

    def serve(self, call, respond):
        http = call.message.get("http")
        if http is None:
            event, data = call.message["event"], parse_data(call)
            send_json(self._run(*self._given(dict(event), data)), respond)
        else:
            respond.whole(*self._answer(http, call.body.all()))

    def _answer(self, http, body):
        path, _ = split_target(http["url"])
        if self._legacy and http["method"] in ("GET", "HEAD") and path == "/":
            return Answer(200, ["content-type", _HTML_TYPE], "")
        if http["method"] != "POST":
            return Answer(405, ["allow", "POST", "content-type", _HTML_TYPE], "Method Not Allowed")
        try:
            given = self._read(header_record(http["headers"]), body, path)
        except (EventConversionError, CloudEventInvalid) as wrong:
            return Answer(400, ["content-type", _HTML_TYPE], "Bad Request: %s" % wrong)
        self._run(*given)
        return Answer(200, ["content-type", _HTML_TYPE], "OK")

    def _run(self, *given):
        return finish_if_awaitable(self._function(*given))

    def _given(self, attributes, data):
        """What the function is called with for a CloudEvent."""
        if not self._legacy:
            return (new_event(attributes, data),)
        data, context = background_event(attributes, data)
        return data, Context(**context)

    def _read(self, headers, body, path):
        """What the function is called with for a request."""
        try:
            attributes, data = from_http(headers, body)
            # Authors pass it on to what they call.
            return self._given({**attributes, **_trace(headers)}, data)
        except CloudEventInvalid as none:
            background = _background(body, path)
            if background is None:
                raise
            if self._legacy:
                return background["data"], Context(**background["context"])
            event = cloud_event_of(background)
            if event is None:
                raise none
            data = event.pop("data")
            return (new_event(event, data),)


def _trace(headers):
    return {"traceparent": headers["traceparent"]} if "traceparent" in headers else {}


def _background(body, path):
    """The background event that a body is, `{"data", "context"}`, with the context's fields in it or beside the data."""
    try:
        event = json.loads(body)
    except ValueError:
        return None
    event = pushed_message(event, path) or event
    if not isinstance(event, dict) or "data" not in event:
        return None
    if isinstance(event.get("context"), dict):
        return event
    context = {name: event[name] for name in ("eventId", "timestamp", "eventType", "resource") if name in event}
    return {**event, "context": context}
