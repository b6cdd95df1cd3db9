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

_METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")


class KubelessDialect(Dialect):
    """
    `def handler(event, context)`: both are dictionaries; `event["data"]` is bytes, parsed when they are JSON, `event["extensions"]["request"]` Bottle's
    request. A handler gives what Bottle's do: text, bytes, a dictionary (JSON), `bottle.HTTPResponse`. Behaviour follows the sources of Kubeless'
    runtime for Python.
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
        return KubelessHandler(callable_export(exported, instance))


class KubelessHandler(Handler):
    """Serves calls with a function of the author's."""

    def __init__(self, handle):
        self._handle = handle
        env = os.environ
        self._context = {
            "function-name": env["FUNC_HANDLER"],
            "timeout": float(env["FUNC_TIMEOUT"]),
            "runtime": env["FUNC_RUNTIME"],
            "memory-limit": env["FUNC_MEMORY_LIMIT"],
        }

    def serve(self, call, respond):
        http = request_of(call.message)
        if http["method"] not in _METHODS:
            send_answer(Answer(405, ["allow", ",".join(_METHODS)], "Method not allowed."), call, respond)
            return
        request = BottleRequest(http, call.body.all())
        data = request.body.getvalue()
        if (header_in(http["headers"], "content-type") or "").split(";")[0].strip() == "application/json":
            try:
                data = request.json
            except ValueError as thrown:
                if call.message.get("http") is None:
                    raise
                refuse(respond, "The request's body is no valid JSON: %s" % thrown)
                return
        event = {"data": data, **_attributes(call.message), "extensions": {"request": request}}
        try:
            result = finish_if_awaitable(self._handle(event, dict(self._context)))
        except Exception as thrown:
            # Bottle's responses may also be raised.
            if not hasattr(thrown, "headerlist"):
                raise
            result = thrown
        send_answer(answer_of(result), call, respond)


def _attributes(message):
    """What says which event it is: from the headers of a request, or from an event's envelope."""
    http = message.get("http")
    names = ("event-id", "event-type", "event-time", "event-namespace")
    if http is not None:
        return {name: header_in(http["headers"], name) for name in names}
    event = message["event"]
    told = (event.get("id") or message["id"], event.get("type"), event.get("time"), event.get("source"))
    return dict(zip(names, told))
