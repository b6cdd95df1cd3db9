"""Applications of web frameworks as functions."""

import asyncio
import io
import sys
from urllib.parse import unquote_to_bytes, urlsplit

from .function_app import ThirdPartyApp
from .http import HttpResponse

_UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_ASGI = {"version": "3.0", "spec_version": "2.1"}


class WsgiMiddleware:
    """`func.WsgiMiddleware(app).handle(req, context)`; `main` is the same."""

    def __init__(self, app):
        self._app = app
        self.main = self.handle

    def handle(self, req, context=None):
        """The application's response."""
        url = urlsplit(req.url)
        environ = {
            "REQUEST_METHOD": req.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(url.path or "/").decode("latin-1"),
            "QUERY_STRING": url.query,
            "CONTENT_LENGTH": str(len(req.get_body())),
            "SERVER_NAME": url.hostname or "localhost",
            "SERVER_PORT": str(url.port or (443 if url.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": url.scheme,
            "wsgi.input": io.BytesIO(req.get_body()),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "azure_functions.invocation_id": getattr(context, "invocation_id", None),
            "azure_functions.function_name": getattr(context, "function_name", None),
            "azure_functions.function_directory": getattr(context, "function_directory", None),
        }
        for name, value in req.headers.items():
            # In the environment X_User would pass for X-User, which perhaps only a proxy may say.
            if "_" in name:
                continue
            environ[_UNPREFIXED.get(name) or "HTTP_" + name.upper().replace("-", "_")] = value
        told = []
        parts = self._app(environ, lambda status, headers, exc_info=None: told.append((status, headers)))
        try:
            body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        status, headers = told[-1]
        return _response(int(status[:3]), headers, body)


class AsgiMiddleware:
    """`await func.AsgiMiddleware(app).handle_async(req, context)`; `handle` gives the same to await; `main` is `handle`."""

    def __init__(self, app):
        self._app = app
        self.main = self.handle

    async def handle_async(self, req, context=None):
        """The application's response."""
        url = urlsplit(req.url)
        scope = {
            "type": "http",
            "asgi": _ASGI,
            "http_version": "1.1",
            "method": req.method,
            "scheme": url.scheme,
            "path": unquote_to_bytes(url.path or "/").decode("utf-8", "replace"),
            "raw_path": (url.path or "/").encode(),
            "query_string": url.query.encode(),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in req.headers.items()],
            "client": ("127.0.0.1", 0),
            "server": (url.hostname or "localhost", url.port or 80),
            "azure_functions.invocation_id": getattr(context, "invocation_id", None),
            "azure_functions.function_name": getattr(context, "function_name", None),
        }
        sent = []
        body = [{"type": "http.request", "body": req.get_body(), "more_body": False}]

        async def receive():
            if body:
                return body.pop()
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await self._app(scope, receive, send)
        head = next(message for message in sent if message["type"] == "http.response.start")
        content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        headers = [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in head.get("headers", ())]
        return _response(head["status"], headers, content)

    handle = handle_async


def _response(status, headers, body):
    response = HttpResponse(body, status_code=status)
    for name, value in headers:
        response.headers.add(name, value)
    return response


class WsgiFunctionApp(ThirdPartyApp):
    """`app = func.WsgiFunctionApp(app=flask_app.wsgi_app)`."""

    middleware = WsgiMiddleware


class AsgiFunctionApp(ThirdPartyApp):
    """`app = func.AsgiFunctionApp(app=fast_app)`."""

    middleware = AsgiMiddleware
