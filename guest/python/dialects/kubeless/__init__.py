"""Kubeless' Python runtime."""

import os
import sys

from ...answer import Answer, refuse, send_answer
from ...coroutines import finish_if_awaitable
from ...dialect import Dialect, Handler, callable_export
from ...event_request import request_of
from ...header_fields import header_in
from ...host_modules import provide_modules
from .bottle import BOTTLE_MODULE, BottleRequest, answer_of
from .event import METHODS, attributes_of, data_of


class KubelessDialect(Dialect):
    """
    `def handler(event, context)`: both are dictionaries; `event["data"]` is bytes, parsed when they are JSON,
    `event["extensions"]["request"]` Bottle's request. A handler gives what Bottle's do: text, bytes, a dictionary (JSON),
    `bottle.HTTPResponse`. Behaviour follows the sources of Kubeless' runtime for Python.
    """

    def prepare(self, instance):
        file = instance["handler"]["file"]
        os.environ.update(
            {
                "FUNC_HANDLER": instance["handler"]["export"],
                "FUNC_MEMORY_LIMIT": "%dMi" % instance["memoryMb"],
                "FUNC_PORT": "8080",
                "FUNC_RUNTIME": "python%d.%d" % sys.version_info[:2],
                "FUNC_TIMEOUT": "%g" % (instance["timeoutMs"] / 1000),
                "KUBELESS_INSTALL_VOLUME": instance["codeDir"],
                "MOD_NAME": file[:-3] if file.endswith(".py") else file,
            }
        )
        provide_modules({"bottle": BOTTLE_MODULE}, instead=False)

    def bind(self, exported, instance):
        handle = callable_export(exported, instance)
        env = os.environ
        context = {
            "function-name": env["FUNC_HANDLER"],
            "timeout": float(env["FUNC_TIMEOUT"]),
            "runtime": env["FUNC_RUNTIME"],
            "memory-limit": env["FUNC_MEMORY_LIMIT"],
        }
        if sys.modules.get("bottle", BOTTLE_MODULE) is BOTTLE_MODULE:
            return KubelessHandler(handle, context)
        from .real_bottle import BottleHandler

        return BottleHandler(handle, context)


class KubelessHandler(Handler):
    """Serves calls with a function of the author's, without Bottle."""

    def __init__(self, handle, context):
        self._handle = handle
        self._context = context

    def serve(self, call, respond):
        http = request_of(call.message)
        if http["method"] not in METHODS:
            send_answer(Answer(405, ["allow", ",".join(METHODS)], "Method not allowed."), call, respond)
            return
        request = BottleRequest(http, call.body.all())
        try:
            data = data_of(request.body.getvalue(), header_in(http["headers"], "content-type"))
        except ValueError as thrown:
            if call.message.get("http") is None:
                raise
            refuse(respond, "The request's body is no valid JSON: %s" % thrown)
            return
        event = {"data": data, **attributes_of(call.message), "extensions": {"request": request}}
        try:
            result = finish_if_awaitable(self._handle(event, dict(self._context)))
        except Exception as thrown:
            # Bottle's responses may also be raised.
            if not hasattr(thrown, "headerlist"):
                raise
            result = thrown
        send_answer(answer_of(result), call, respond)
