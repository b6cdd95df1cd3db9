"""WSGI applications (PEP 3333)."""

import io
import sys

from ...call_context import CallContext
from ...dialect import Handler
from ...response_stream import InvalidResponse
from .request import Request

# CGI has names of its own for these.
_UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class WsgiHandler(Handler):
    """Serves requests with an application of the author's."""

    def __init__(self, app):
        self._app = app

    def serve(self, call, respond):
        response = _Response(respond)
        parts = self._app(_environ(call), response.start)
        try:
            for part in parts:
                if call.cancelled:
                    break
                response.write(part)
            response.end()
            # The client has its answer before whatever the application does at `close`.
            respond.finish()
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()


class _Response:
    """What the application answers; the first part of the body decides about status and headers, as the PEP says."""

    def __init__(self, respond):
        self._respond = respond
        self._head = None
        self._announced = -1

    def start(self, status, headers, exc_info=None):
        """`start_response`."""
        if exc_info is not None and self._respond.begun:
            raise exc_info[1].with_traceback(exc_info[2])
        if exc_info is None and self._head is not None:
            raise InvalidResponse("start_response was called twice.")
        flat = []
        for name, value in headers:
            flat += [name, value]
        try:
            self._head = int(status[:3]), flat
        except (TypeError, ValueError):
            raise InvalidResponse("The status %r does not begin with a number." % (status,)) from None
        length = [value for name, value in headers if name.lower() == "content-length"]
        self._announced = int(length[0]) if length and length[0].isdigit() else -1
        return self.write

    def write(self, part):
        """A part of the body, bytes."""
        if not part:
            return
        if not isinstance(part, (bytes, bytearray, memoryview)):
            raise InvalidResponse("A part of a body is bytes, not a %s." % type(part).__name__)
        if self._respond.begun:
            self._respond.write(part)
        elif len(part) == self._announced:
            # All of it: kept for one frame with the end.
            self._begin()
            self._respond.put(part)
        else:
            self._begin()
            self._respond.write(part)

    def end(self):
        """No part follows."""
        if not self._respond.begun:
            self._begin()
        self._respond.end()

    def _begin(self):
        if self._head is None:
            raise InvalidResponse("The application did not call start_response.")
        self._respond.head(*self._head)


def _environ(call):
    request = Request(call)
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.decode("latin-1"),
        "RAW_URI": request.raw_path + ("?" + request.query if request.query else ""),
        "QUERY_STRING": request.query,
        "SERVER_NAME": request.host,
        "SERVER_PORT": str(request.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "mayfly.context": CallContext(call),
    }
    for name, value in request.headers:
        # In the environment it would pass for another: X_User for X-User, which perhaps only a proxy may say.
        if "_" in name:
            continue
        key = _UNPREFIXED.get(name) or "HTTP_" + name.upper().replace("-", "_")
        if key in environ:
            value = environ[key] + ("; " if name == "cookie" else ",") + value
        environ[key] = value
    environ["wsgi.input"] = io.BufferedReader(_Input(call.body))
    # What comes without a length has an end all the same.
    environ["wsgi.input_terminated"] = True
    return environ


class _Input(io.RawIOBase):
    """The request's body as a stream that is read at the application's pace."""

    def __init__(self, body):
        super().__init__()
        self._body = body
        self._rest = memoryview(b"")

    def readable(self):
        return True

    def readinto(self, target):
        if not self._rest:
            self._rest = memoryview(self._body.read())
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
