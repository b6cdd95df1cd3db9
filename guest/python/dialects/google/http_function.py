"""Functions that take a request."""

import os
import re

from ...coroutines import finish_if_awaitable
from ...result import to_json

# Paths that browsers and crawlers ask for unasked: Google's framework keeps them from functions.
_IGNORED = re.compile(r"/(favicon\.ico|robots\.txt)\Z")


def http_view(function, registry):
    """`def function(request)`."""
    ignored = _ignored_routes()

    def view(request):
        if ignored(request.path):
            return "", 404
        return _answer(lambda: function(request), registry)

    return view


def typed_view(function, input_type, registry):
    """`def function(value)`: a class with `from_dict` in, one with `to_dict` out."""

    def view(request):
        if request.method != "POST":
            return "", 405, {"Allow": "POST"}
        return _answer(lambda: _typed_result(function(input_type.from_dict(request.get_json()))), registry)

    return view


def _typed_result(result):
    if result is None:
        return ""
    if hasattr(result, "to_dict"):
        return to_json(result.to_dict()), 200, {"Content-Type": "application/json"}
    return result


def _answer(run, registry):
    """What the function gives, or what an error handler of the author's makes of what it raises."""
    try:
        return finish_if_awaitable(run())
    except Exception as thrown:
        for kind, handle in registry.error_handlers:
            if isinstance(kind, type) and isinstance(thrown, kind):
                return handle(thrown)
        raise


def _ignored_routes():
    """`IGNORED_ROUTES` replaces the usual ones by a path of its own; empty: none."""
    own = os.environ.get("IGNORED_ROUTES")
    if own is None:
        return lambda path: _IGNORED.match(path) is not None
    prefix = own.strip()
    return lambda path: prefix != "" and (path == prefix or path.startswith(prefix + "/"))
