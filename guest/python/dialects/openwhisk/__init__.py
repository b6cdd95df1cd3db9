"""Apache OpenWhisk's Python contract."""

import os

from ...answer import refuse
from ...coroutines import finish_if_awaitable
from ...dialect import Dialect, Handler, callable_export
from ...event_data import parse_data
from ...response_stream import InvalidResponse
from ...result import send_json
from .environment import set_action_variables, set_activation_variables
from .parameters import ParameterRefused, event_parameters, http_parameters, own_parameters, with_own_parameters
from .projection import projection_of, send_projection
from .web_result import cors_headers, send_web_result


class OpenwhiskDialect(Dialect):
    """
    `def main(args)`, which gives a dictionary or a list. An HTTP call is that of a web action; a
    route that ends in `.json`, `.html`, `.svg` or `.text` gives the result, or a field of it, in that type. `{"error": …}` is an
    application error: a result like others, for whoever called. What a sequence or a conductor gives is passed on as it is.
    Behaviour follows OpenWhisk's documentation, its Python runtime and its controller, except that what is raised fails the
    call.

    MAYFLY_OPENWHISK_RAW=true stands for the annotation `raw-http`, MAYFLY_OPENWHISK_OPTIONS=true for `web-custom-options`.
    MAYFLY_OPENWHISK_PARAMETERS has the action's own parameters, a JSON object: a request must not bring one of them, an event
    may.
    """

    def prepare(self, instance):
        set_action_variables(instance)

    def bind(self, exported, instance):
        return ActionHandler(callable_export(exported, instance))


class ActionHandler(Handler):
    """Serves calls with an action of the author's."""

    def __init__(self, main):
        self._main = main
        self._own = own_parameters()
        self._raw = os.environ.get("MAYFLY_OPENWHISK_RAW") == "true"
        self._own_options = os.environ.get("MAYFLY_OPENWHISK_OPTIONS") == "true"

    def serve(self, call, respond):
        set_activation_variables(call)
        http = call.message.get("http")
        if http is None:
            send_json(self._run({**self._own, **event_parameters(parse_data(call))}), respond)
            return
        cors = [] if self._own_options else cors_headers(http)
        if http["method"] == "OPTIONS" and not self._own_options:
            respond.whole(200, cors)
            return
        try:
            args = with_own_parameters(http_parameters(http, call.body.all(), self._raw), self._own)
        except ParameterRefused as refused:
            refuse(respond, str(refused))
            return
        result = self._run(args)
        projection = projection_of(http)
        if projection is None or (isinstance(result, dict) and result.get("error") is not None):
            send_web_result(result, cors, call, respond)
        else:
            send_projection(result, projection, cors, call, respond)

    def _run(self, args):
        result = finish_if_awaitable(self._main(args))
        if not isinstance(result, (dict, list, tuple)):
            kind = type(result).__name__
            raise InvalidResponse("The action did not return a dictionary or array but %s." % kind)
        return result
