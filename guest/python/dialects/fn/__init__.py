"""Fn Project's Python contract."""

import io
import logging
import os

from ...coroutines import finish_if_awaitable
from ...dialect import Dialect, Handler, callable_export
from ...host_modules import new_module, provide_modules
from .context import InvokeContext
from .headers import call_headers
from .response import Response, send_response


class FnDialect(Dialect):
    """
    `def handler(ctx, data: io.BytesIO = None)`, also `async def`, which gives a `fdk.response.Response` or what becomes the
    body of one. HTTP is what Fn's gateway makes of it. Behaviour follows the sources of the FDK for Python and of Fn's HTTP
    triggers.
    """

    def prepare(self, instance):
        set_variables(instance)
        response = new_module("fdk.response", {"Response": Response})
        context = new_module("fdk.context", {"InvokeContext": InvokeContext})
        fdk = new_module("fdk", {"response": response, "context": context}, "the platform calls the function itself")
        provide_modules({"fdk": fdk, "fdk.response": response, "fdk.context": context})

    def bind(self, exported, instance):
        return FnHandler(callable_export(exported, instance))


class FnHandler(Handler):
    """Serves calls with a function of the author's."""

    def __init__(self, handle):
        self._handle = handle
        self._config = dict(os.environ)

    def serve(self, call, respond):
        context = InvokeContext(self._config, call_headers(call.message))
        result = finish_if_awaitable(self._handle(context, data=io.BytesIO(call.body.all())))
        if not isinstance(result, Response):
            result = Response(context, result, status_code=context.GetResponseHeaders().get("fn-http-status", 200))
        send_response(result, call, respond)


def set_variables(instance):
    """The variables that Fn sets. Names stand for ids as well. What is logged at INFO is shown, as the FDK does."""
    os.environ.update(
        {
            "FN_APP_ID": instance["app"],
            "FN_APP_NAME": instance["app"],
            "FN_FN_ID": instance["function"],
            "FN_FN_NAME": instance["function"],
            "FN_FORMAT": "http-stream",
            "FN_MEMORY": str(instance["memoryMb"]),
            "FN_TYPE": "sync",
        }
    )
    logging.getLogger().setLevel(logging.INFO)
