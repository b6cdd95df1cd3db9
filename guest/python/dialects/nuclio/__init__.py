"""Nuclio's Python contract."""

import os

from ...answer import send_answer
from ...coroutines import finish_if_awaitable
from ...dialect import Dialect, Handler, callable_export
from ...handler_loader import sibling_export
from ...host_modules import new_module, provide_modules
from .context import Context, Logger
from .event import Event, TriggerInfo, nuclio_event
from .response import Response, encode_output


class NuclioDialect(Dialect):
    """
    `def handler(context, event)`, also `async def`; `init_context(context)` of the same file runs before. A handler gives
    text, bytes, `(status, body)`, `context.Response(…)` or a value that becomes JSON. Behaviour follows Nuclio's
    documentation, its SDK and its wrapper.
    """

    def prepare(self, instance):
        handler = instance["handler"]
        os.environ.update(
            {
                "NUCLIO_FUNCTION_NAME": instance["function"],
                "NUCLIO_FUNCTION_VERSION": instance["version"],
                "NUCLIO_FUNCTION_HANDLER": "%s:%s" % (handler["file"], handler["export"]),
            }
        )
        members = {"Context": Context, "Event": Event, "Logger": Logger, "Response": Response, "TriggerInfo": TriggerInfo}
        provide_modules({"nuclio_sdk": new_module("nuclio_sdk", members)}, instead=False)

    def bind(self, exported, instance):
        handle = callable_export(exported, instance)
        context = Context()
        init_context = sibling_export(instance, "init_context")
        if callable(init_context):
            finish_if_awaitable(init_context(context))
        return NuclioHandler(handle, context)


class NuclioHandler(Handler):
    """Serves calls with a function of the author's."""

    def __init__(self, handle, context):
        self._handle = handle
        self._context = context

    def serve(self, call, respond):
        event = nuclio_event(call.message, call.body.all())
        output = finish_if_awaitable(self._handle(self._context, event))
        send_answer(encode_output(output), call, respond)
