"""Knative's Python functions."""

import os

from ...cloud_event import is_cloud_event, new_event, prepare_cloud_events
from ...cloud_event.event import CloudEventInvalid
from ...cloud_event.http_binding import STRUCTURED_TYPE, from_http, to_binary, to_json
from ...coroutines import finish_if_awaitable
from ...dialect import Dialect, callable_export
from ...flask_view import prepare_flask, view_handler
from ...host_modules import provide_modules
from .asgi_function import AsgiFunction
from .parliament import PARLIAMENT, Context

_PROBES = ("/health/liveness", "/health/readiness")


class KnativeDialect(Dialect):
    """
    `def main(context)` of `parliament`, with Flask's request in `context.request` and `context.cloud_event`, which gives a
    CloudEvent or what Flask's views give; and what later templates have: `def new()`, which gives an object with
    `handle(scope, receive, send)`, `start`, `stop`, `alive` and `ready`, or such a `handle` alone: the names are the vendor's
    contract. MAYFLY_KNATIVE_INVOKE=cloudevent has those get `scope["event"]` and send events. Behaviour follows the sources
    of `parliament` and `func-python`.
    """

    def prepare(self, instance):
        prepare_flask()
        prepare_cloud_events()
        provide_modules({"parliament": PARLIAMENT}, instead=False)

    def bind(self, exported, instance):
        function = callable_export(exported, instance)
        name = instance["handler"]["export"]
        if name in ("new", "handle"):
            with_events = os.environ.get("MAYFLY_KNATIVE_INVOKE") == "cloudevent"
            return AsgiFunction(function() if name == "new" else function, with_events)
        return view_handler(lambda request: _serve(function, request), instance)


def _serve(main, request):
    if request.path in _PROBES:
        return "OK"
    context = Context(request)
    if request.method == "POST":
        try:
            context.cloud_event = new_event(*from_http(dict(request.headers.items()), request.get_data()))
        except CloudEventInvalid:
            pass
    result = finish_if_awaitable(main(context))
    if not is_cloud_event(result):
        return result
    if request.host == os.environ["MAYFLY_APP"]:
        # An event of Mayfly's has no place for headers.
        return to_json(result), {"content-type": STRUCTURED_TYPE}
    headers, body = to_binary(result)
    return body, headers
