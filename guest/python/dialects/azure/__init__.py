"""Azure Functions for Python."""

import json
import logging
import os

from ...dialect import Dialect, callable_export
from ...failure import HandlerUnusable
from ...host_modules import provide_modules
from .bindings import trigger_of
from .environment import set_variables
from .function import AzureHandler
from .function_app import FunctionBuilder, ThirdPartyApp, registered
from .functions_module import azure_modules

_HTTP = [{"type": "httpTrigger", "direction": "in", "name": None}, {"type": "http", "direction": "out", "name": "$return"}]


class AzureDialect(Dialect):
    """
    The v2 programming model (`app = func.FunctionApp()`, `@app.route(…)`; `handler.export` is the function's name) and the v1
    one (`def main(req: func.HttpRequest)`). Behaviour follows Azure's documentation, its library and its worker for Python.

    The environment of a v1 function has the bindings of its `function.json` in MAYFLY_AZURE_BINDINGS, as the JSON of the list
    `bindings`: `[{"type":"queueTrigger","direction":"in","name":"item"}, …]`. Without it the function is an HTTP one, whose
    first parameter is the request. MAYFLY_AZURE_KEYS may have the keys, separated by commas, of which a call to a function
    with the level "function" or "admin" must show one.
    """

    def prepare(self, instance):
        set_variables(instance)
        provide_modules(azure_modules())
        logging.getLogger().setLevel(logging.INFO)

    def package_of(self, instance):
        """Files of v1 functions are modules of `__app__`: `from ..shared import words`, `from __app__.shared import words`."""
        return "__app__" if "/" in instance["handler"]["file"] and "MAYFLY_AZURE_BINDINGS" in os.environ else None

    def bind(self, exported, instance):
        name = instance["handler"]["export"]
        if isinstance(exported, ThirdPartyApp):
            return AzureHandler(exported.function.handle, exported.function.bindings, name, instance)
        builder = exported if isinstance(exported, FunctionBuilder) else registered.get(name)
        if builder is not None:
            if builder.trigger is None:
                raise HandlerUnusable('Function "%s" has no trigger.' % name)
            return AzureHandler(builder.handle, builder.bindings, builder.name, instance)
        if exported is None:
            there = "it registers %s" % ", ".join(registered) if registered else "it registers none"
            file = instance["handler"]["file"]
            raise HandlerUnusable('Function "%s" is neither registered nor defined in %s: %s.' % (name, file, there))
        return AzureHandler(callable_export(exported, instance), _bindings(), instance["function"], instance)


def _bindings():
    text = os.environ.get("MAYFLY_AZURE_BINDINGS")
    if not text:
        return _HTTP
    try:
        bindings = json.loads(text)
    except ValueError as thrown:
        raise HandlerUnusable("MAYFLY_AZURE_BINDINGS is not JSON: %s" % thrown) from None
    if not isinstance(bindings, list):
        raise HandlerUnusable("MAYFLY_AZURE_BINDINGS is no list of bindings.")
    if trigger_of(bindings) is None:
        raise HandlerUnusable("MAYFLY_AZURE_BINDINGS has no trigger.")
    return bindings
