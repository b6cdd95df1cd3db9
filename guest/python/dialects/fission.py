"""Fission's Python environment."""

import logging

from ..dialect import Dialect, callable_export
from ..flask_view import prepare_flask, view_handler
from ..request_data import split_target


class FissionDialect(Dialect):
    """
    `def main()` with Flask's `request` and `current_app`, which gives what Flask's views give. Route parameters and the
    function's name are headers (`X-Fission-Params-…`), as from Fission's router. Behaviour follows the environment's sources.
    """

    def prepare(self, instance):
        prepare_flask()
        logging.getLogger().setLevel(logging.DEBUG)

    def bind(self, exported, instance):
        main = callable_export(exported, instance)
        return view_handler(lambda request: main(), instance, lambda http: _added_headers(http, instance))


def _added_headers(http, instance):
    path, query = split_target(http["url"])
    headers = ["X-Fission-Full-Url", path + ("?" + query if query else "")]
    headers += ["X-Fission-Function-Name", instance["function"], "X-Fission-Function-Namespace", instance["app"]]
    for name, value in http["params"].items():
        headers += ["X-Fission-Params-" + ("Path" if name == "*" else name), value]
    return headers
