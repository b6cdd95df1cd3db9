"""AWS Lambda's Python contract."""

import os

from ...dialect import Dialect, Handler, callable_export
from ...event_data import parse_data
from .context import LambdaContext, context_base
from .environment import set_trace_variable, set_variables
from .http_event_v1 import http_event_v1
from .http_event_v2 import http_event_v2
from .result import http_result, plain_result


class LambdaDialect(Dialect):
    """
    `def handler(event, context)`. HTTP arrives as an API Gateway event of payload format 2.0, or 1.0 when MAYFLY_LAMBDA_PAYLOAD says
    so. Behaviour follows AWS's documentation and its public runtime interface client for Python.
    """

    def prepare(self, instance):
        set_variables(instance)

    def bind(self, exported, instance):
        return LambdaHandler(callable_export(exported, instance))


class LambdaHandler(Handler):
    """Serves calls with a function of the author's."""

    def __init__(self, handle):
        self._handle = handle
        self._base = context_base()
        self._http_event = http_event_v1 if os.environ.get("MAYFLY_LAMBDA_PAYLOAD") == "1.0" else http_event_v2

    def serve(self, call, respond):
        http = call.message.get("http")
        if http is None:
            event = parse_data(call)
            event = {} if event is None else event
        else:
            event = self._http_event(call.message, http, call.body.all())
        set_trace_variable(call.message["traceparent"])
        result = self._handle(event, LambdaContext(self._base, call))
        status, headers, body = plain_result(result) if http is None else http_result(result)
        respond.whole(status, headers, body)
