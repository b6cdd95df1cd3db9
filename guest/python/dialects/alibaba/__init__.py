"""Alibaba Cloud's Function Compute."""

import os

from ...dialect import Dialect, Handler, callable_export
from ...handler_loader import sibling_export
from .context import FcContext, context_base
from .environment import set_variables
from .event_handler import serve_event
from .http_handler import is_wsgi, serve_wsgi

# What the initialiser and the hook before the end are usually called.
_INITIALISERS = ("initialize", "initializer")
_LAST_HOOKS = ("pre_stop", "preStop")


class AlibabaDialect(Dialect):
    """
    `def handler(event, context)` with the event as bytes; `initialize` and `pre_stop` are functions of the same file, and get
    the context. HTTP arrives as the event of version 3.0; in version 2.0 a handler is a WSGI application, which it is when
    its parameters are called `environ` and `start_response` or MAYFLY_ALIBABA_HTTP is "2.0". Behaviour follows Alibaba's
    documentation of its Python runtimes.
    """

    def prepare(self, instance):
        set_variables(instance)

    def bind(self, exported, instance):
        handle = callable_export(exported, instance)
        base = context_base(instance)
        handler = AlibabaHandler(handle, base, _first(instance, _LAST_HOOKS))
        initialise = _first(instance, _INITIALISERS)
        if initialise is not None:
            initialise(FcContext(base, None))
        return handler


def _first(instance, names):
    found = (sibling_export(instance, name) for name in names)
    return next((hook for hook in found if callable(hook)), None)


class AlibabaHandler(Handler):
    """Serves calls with a function of the author's."""

    def __init__(self, handle, base, last):
        self._handle = handle
        self._base = base
        self._last = last
        self._is_wsgi = os.environ.get("MAYFLY_ALIBABA_HTTP") == "2.0" or is_wsgi(handle)

    def serve(self, call, respond):
        context = FcContext(self._base, call)
        if self._is_wsgi and call.message.get("http") is not None:
            serve_wsgi(self._handle, context, call, respond)
        else:
            serve_event(self._handle, context, call, respond)

    def shutdown(self):
        if self._last is not None:
            self._last(FcContext(self._base, None))
