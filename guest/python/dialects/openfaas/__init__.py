"""OpenFaaS's templates for Python."""

import os

from ...dialect import Dialect, callable_export
from ...flask_view import prepare_flask, view_handler
from .classic import ClassicHandler
from .http_template import http_view


class OpenfaasDialect(Dialect):
    """
    `def handle(event, context)` of the templates `python3-http` and their kin, which gives `{"statusCode", "body",
    "headers"}` or what Flask's views give. MAYFLY_OPENFAAS_TEMPLATE names an older template: `python3-flask`, `def
    handle(req)` with the body as bytes, gives what Flask's views give; `python3`, `def handle(req)` with the body as text,
    gives text. Behaviour follows the templates' sources.
    """

    def prepare(self, instance):
        prepare_flask()

    def bind(self, exported, instance):
        handle = callable_export(exported, instance)
        template = os.environ.get("MAYFLY_OPENFAAS_TEMPLATE", "")
        if template.startswith(("python3-flask", "python27-flask")):
            return view_handler(lambda request: handle(request.get_data()), instance)
        if template in ("python", "python3", "python3-debian"):
            return ClassicHandler(handle)
        return view_handler(http_view(handle), instance)
