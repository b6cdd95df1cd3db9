"""Tencent Cloud's SCF."""

import os

from ...answer import json_answer
from ...coroutines import finish_if_awaitable
from ...dialect import Dialect, Handler, callable_export
from ...event_data import parse_data
from .context import context_base
from .environment import set_variables
from .events import gateway_event, timer_event
from .gateway_result import gateway_answer


class TencentDialect(Dialect):
    """
    `def main_handler(event, context)`: both are dictionaries. HTTP arrives as an event of its API Gateway, a schedule as one
    of its timers. Behaviour follows Tencent's documentation.
    """

    def prepare(self, instance):
        set_variables(instance)

    def bind(self, exported, instance):
        return TencentHandler(callable_export(exported, instance), context_base(instance))


class TencentHandler(Handler):
    """Serves calls with a function of the author's."""

    def __init__(self, handle, base):
        self._handle = handle
        self._base = base

    def serve(self, call, respond):
        request_id, http = call.message["id"], call.message.get("http")
        os.environ["SCF_REQUESTID"] = request_id
        context = {**self._base, "request_id": request_id}
        result = finish_if_awaitable(self._handle(_event_of(call, http), context))
        respond.whole(*(json_answer if http is None else gateway_answer)(result))


def _event_of(call, http):
    if http is not None:
        return gateway_event(call.message, http, call.body.all())
    event, data = call.message["event"], parse_data(call)
    if event.get("type") == "mayfly.schedule":
        return timer_event(event, data)
    return {} if data is None else data
