"""`flask`, where it is not installed: what functions use of it."""

import contextvars
import json
import logging
from types import SimpleNamespace

from ..host_modules import new_module
from ..result import to_json
from .problem import KINDS, HTTPException, abort
from .request import Request
from .response import Response, make_response

current_request = contextvars.ContextVar("mayfly_request")
_globals = contextvars.ContextVar("mayfly_globals")


class _Proxy:
    """Stands for an object of the call that runs now."""

    def __init__(self, look_up):
        object.__setattr__(self, "_look_up", look_up)

    def _get_current_object(self):
        return self._look_up()

    def __getattr__(self, name):
        return getattr(self._look_up(), name)

    def __setattr__(self, name, value):
        setattr(self._look_up(), name, value)

    def __contains__(self, name):
        return hasattr(self._look_up(), name)

    def __repr__(self):
        return repr(self._look_up())


def _request():
    try:
        return current_request.get()
    except LookupError:
        raise RuntimeError("flask.request is there only while a request is served.") from None


def jsonify(*values, **members):
    """A response of JSON."""
    value = members if not values else values[0] if len(values) == 1 else list(values)
    return Response(to_json(value) + "\n", mimetype="application/json")


def redirect(location, code=302, Response=Response):
    """A response that sends a browser elsewhere."""
    return Response("", code, {"Location": location})


def _made(*values):
    """`make_response("text", 201)`."""
    return Response() if not values else make_response(values[0] if len(values) == 1 else values)


def enter(request):
    """Begins a request; `leave` ends it."""
    return current_request.set(request), _globals.set(SimpleNamespace())


def leave(tokens):
    """Ends what `enter` began."""
    current_request.reset(tokens[0])
    _globals.reset(tokens[1])


_APP = SimpleNamespace(logger=logging.getLogger("app"), config={}, name="app", debug=False, testing=False)

_JSON = new_module("flask.json", {"jsonify": jsonify, "dumps": to_json, "loads": json.loads})
_FLASK = new_module(
    "flask",
    {
        "Request": Request,
        "Response": Response,
        "abort": abort,
        "current_app": _APP,
        "g": _Proxy(_globals.get),
        "has_request_context": lambda: current_request.get(None) is not None,
        "json": _JSON,
        "jsonify": jsonify,
        "make_response": _made,
        "redirect": redirect,
        "request": _Proxy(_request),
    },
    'put "flask" into requirements.txt.',
)
_EXCEPTIONS = new_module(
    "werkzeug.exceptions",
    {"HTTPException": HTTPException, "abort": abort, **{kind.__name__: kind for kind in KINDS.values()}},
    'put "werkzeug" into requirements.txt.',
)

# What is provided where Flask is not installed.
FLASK_MODULES = {"flask": _FLASK, "flask.json": _JSON, "werkzeug.exceptions": _EXCEPTIONS}
