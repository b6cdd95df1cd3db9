"""HTTP of version 2.0: a WSGI application."""

import inspect

from ..http.wsgi import WsgiHandler


def is_wsgi(handle):
    """Whether the first parameters are called `environ` and `start_response`; what is called differently is not looked at."""
    try:
        names = list(inspect.signature(handle).parameters)
    except (TypeError, ValueError):
        return False
    return names[:2] == ["environ", "start_response"]


def serve_wsgi(handle, context, call, respond):
    """Serves one call. `environ` also has `fc.context` and `fc.request_uri`."""

    def app(environ, start_response):
        environ["fc.context"] = context
        environ["fc.request_uri"] = environ["RAW_URI"]
        environ["fc.request_id"] = context.request_id
        return handle(environ, start_response)

    WsgiHandler(app).serve(call, respond)
