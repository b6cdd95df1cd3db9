"""Google Cloud Functions and the Functions Framework."""

import os

from ...cloud_event import prepare_cloud_events
from ...dialect import Dialect, callable_export
from ...failure import HandlerUnusable
from ...flask_view import prepare_flask, view_handler
from ...host_modules import new_module, provide_modules
from .environment import set_variables
from .event_function import EventFunction
from .function_context import Context
from .http_function import http_view, typed_view
from .registry import Registry

_SIGNATURES = ("http", "event", "cloudevent", "typed")


class GoogleDialect(Dialect):
    """
    Functions that `functions_framework` decorates, or plain ones, where FUNCTION_SIGNATURE_TYPE says whether they take a
    request of Flask's, a CloudEvent or `(data, context)`. `handler.export` is the function's target. Behaviour follows the
    published framework and its conformance tests.
    """

    def __init__(self):
        self._registry = Registry()

    def prepare(self, instance):
        set_variables(instance)
        prepare_flask()
        prepare_cloud_events()
        missing = "the platform serves the function itself"
        framework = new_module("functions_framework", self._registry.members(), missing)
        provide_modules({"functions_framework": framework})
        context = new_module("google.cloud.functions.context", {"Context": Context})
        provide_modules({"google.cloud.functions.context": context}, instead=False)

    def bind(self, exported, instance):
        function = callable_export(exported, instance)
        registered = self._registry.types.get(instance["handler"]["export"])
        kind = registered or os.environ["FUNCTION_SIGNATURE_TYPE"]
        if kind not in _SIGNATURES:
            raise HandlerUnusable("Function signature type must be one of: %s." % ", ".join(_SIGNATURES))
        if kind == "http":
            return view_handler(http_view(function, self._registry), instance)
        if kind == "typed":
            return view_handler(typed_view(function, self._registry.input_of(function), self._registry), instance)
        return EventFunction(function, kind == "event")
