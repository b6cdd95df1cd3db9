"""Functions of `func-python`: ASGI with lifecycle methods."""

import os

from ...answer import EventAnswer
from ...cloud_event import new_event
from ...cloud_event.event import CloudEventInvalid
from ...cloud_event.http_binding import from_http, to_binary, to_structured
from ...coroutines import finish_if_awaitable
from ...dialect import Handler
from ...event_request import AsHttp, request_of
from ..http.asgi import AsgiHandler

_TEXT = [(b"content-type", b"text/plain")]


class AsgiFunction(Handler):
    """`function` has `handle(scope, receive, send)`, or is it."""

    def __init__(self, function, with_events):
        self._function = function
        self._handle = getattr(function, "handle", function)
        self._with_events = with_events
        self._asgi = AsgiHandler(self._app)
        self._method("start", dict(os.environ))

    def serve(self, call, respond):
        if call.message.get("http") is not None:
            self._asgi.serve(call, respond)
            return
        answer = EventAnswer()
        self._asgi.serve(AsHttp(call, request_of(call.message)), answer)
        answer.give_to(respond)

    def shutdown(self):
        self._method("stop")

    def _method(self, name, *given):
        method = getattr(self._function, name, None)
        return None if method is None else finish_if_awaitable(method(*given))

    async def _app(self, scope, receive, send):
        if scope["type"] == "lifespan":
            raise NotImplementedError("it has methods instead")
        probe = {"/health/liveness": "alive", "/health/readiness": "ready"}.get(scope["path"])
        if probe is not None:
            await self._probe(probe, send)
        elif self._with_events:
            await self._serve_event(scope, receive, send)
        else:
            await self._handle(scope, receive, send)

    async def _probe(self, name, send):
        method = getattr(self._function, name, None)
        told = (True, "OK") if method is None else method()
        fine, text = told if isinstance(told, tuple) else (told, "OK")
        await _send_text(send, 200 if fine else 500, str(text))

    async def _serve_event(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            scope["event"] = new_event(*from_http(headers, body))
        except CloudEventInvalid:
            await _send_text(send, 400, "Bad Request: This endpoint expects CloudEvent requests.")
            return
        await self._handle(scope, receive, _EventSender(send))


class _EventSender:
    """`send`: sends an event as JSON; `send.binary(event)` in binary mode, `send.http(message)` anything."""

    def __init__(self, send):
        self.http = send

    async def __call__(self, event, status=200):
        await self.structured(event, status)

    async def structured(self, event, status=200):
        """Attributes and data as JSON."""
        await self._send(status, *to_structured(event))

    async def binary(self, event, status=200):
        """Attributes as headers."""
        await self._send(status, *to_binary(event))

    async def _send(self, status, headers, body):
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.http({"type": "http.response.start", "status": status, "headers": pairs})
        await self.http({"type": "http.response.body", "body": body})


async def _send_text(send, status, text):
    await send({"type": "http.response.start", "status": status, "headers": _TEXT})
    await send({"type": "http.response.body", "body": text.encode()})
