"""ASGI applications (version 3 of the specification, HTTP and lifespan)."""

import asyncio

from ...call_context import CallContext
from ...coroutines import event_loop, finish
from ...dialect import Handler
from ...response_stream import InvalidResponse
from .lifespan import Lifespan
from .request import Request

_ASGI = {"version": "3.0", "spec_version": "2.4"}


class AsgiHandler(Handler):
    """Serves requests with an application of the author's, all in one event loop."""

    def __init__(self, app):
        self._app = app
        self._lifespan = Lifespan(app)
        finish(self._lifespan.start())

    def serve(self, call, respond):
        finish(_Exchange(call, respond, event_loop()).run(self._app, self._lifespan.state))

    def shutdown(self):
        finish(self._lifespan.stop())


class _Exchange:
    """One request and its answer, in the event loop; `changed` is set when the platform brought something."""

    def __init__(self, call, respond, loop):
        self._call = call
        self._respond = respond
        self._loop = loop
        self._changed = asyncio.Event()
        self._body_told = False
        self._over = False
        self._head = None
        call.listen(lambda: loop.call_soon_threadsafe(self._changed.set))

    async def run(self, app, state):
        """Runs the application; what it does after its answer (background tasks) belongs to the call."""
        try:
            await app(_scope(self._call, state), self._receive, self._send)
        finally:
            self._over = True
        if not self._respond.ended and self._call.cancelled:
            self._finish_for_nobody()

    async def _receive(self):
        while not self._body_told:
            part = None if self._call.cancelled else self._call.body.take()
            if part is not None:
                more = not self._call.body.empty
                self._body_told = not more
                return {"type": "http.request", "body": part, "more_body": more}
            if self._call.cancelled:
                break
            await self._change()
        while not self._call.cancelled and not self._respond.ended:
            await self._change()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        kind = message["type"]
        if kind == "http.response.start":
            if self._head is not None or self._respond.begun:
                raise InvalidResponse("A second http.response.start.")
            self._head = message["status"], _flat(message.get("headers") or ())
        elif kind == "http.response.body":
            await self._send_body(message.get("body", b""), message.get("more_body", False))
        else:
            raise InvalidResponse("An ASGI message of type %r is not known." % (kind,))

    async def _send_body(self, part, more):
        if self._head is not None:
            head, self._head = self._head, None
            self._respond.head(*head)
        self._respond.put(part)
        if not more:
            self._respond.end()
            self._changed.set()
            # When the application ends now, its answer and its end are one frame.
            self._loop.call_soon(self._send_end)
            return
        while not self._respond.pump():
            await self._change()

    def _send_end(self):
        if not self._over:
            self._loop.create_task(self._drain())

    async def _drain(self):
        while not self._over and not self._respond.pump():
            await self._change()

    async def _change(self):
        await self._changed.wait()
        self._changed.clear()

    def _finish_for_nobody(self):
        if not self._respond.begun:
            self._respond.head(499, [])
        self._respond.end()


def _scope(call, state):
    request = Request(call)
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path.decode("utf-8", "replace"),
        "raw_path": request.raw_path.encode("latin-1", "replace"),
        "query_string": request.query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers],
        "client": (request.client, 0),
        "server": (request.host, request.port),
        "state": dict(state),
        "extensions": {"mayfly.context": {"context": CallContext(call)}},
    }


def _flat(headers):
    flat = []
    for name, value in headers:
        flat += [bytes(name).decode("latin-1"), bytes(value).decode("latin-1")]
    return flat
