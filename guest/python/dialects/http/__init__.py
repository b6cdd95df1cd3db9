"""Ordinary web applications: WSGI (Flask, Django, Bottle …) and ASGI (FastAPI, Starlette, Quart …)."""

import functools
import inspect

from ...dialect import Dialect, callable_export
from .asgi import AsgiHandler
from .wsgi import WsgiHandler


class HttpDialect(Dialect):
    """
    The export is the application: `app = Flask(__name__)`. One whose call is a coroutine function is ASGI, any other WSGI, as both
    specifications have it. HTTP only: an application has no place for other events.
    """

    def bind(self, exported, instance):
        app = callable_export(exported, instance)
        return AsgiHandler(app) if _is_asgi(app) else WsgiHandler(app)


def _is_asgi(app):
    while isinstance(app, functools.partial):
        app = app.func
    called = getattr(app, "__call__", None)
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(called)
