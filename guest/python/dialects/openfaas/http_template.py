"""The template `python3-http`."""

import os
import re

from ...result import to_json

_OWN = re.compile(r"/function/[^/]+")


class Event:
    """Body as bytes; headers and query as Flask has them."""

    def __init__(self, request):
        self.body = request.get_data()
        self.headers = request.headers
        self.method = request.method
        self.query = request.args
        # OpenFaaS's gateway keeps `/function/NAME` to itself.
        self.path = _OWN.sub("", request.path, count=1) or "/" if _OWN.match(request.path) else request.path


class Context:
    """Where the function runs."""

    def __init__(self):
        self.hostname = os.environ.get("HOSTNAME", "localhost")


def http_view(handle):
    """What Flask calls for `handle(event, context)`."""

    def view(request):
        result = handle(Event(request), Context())
        return _formatted(result) if result is None or isinstance(result, dict) else result

    return view


def _formatted(result):
    if result is None:
        return "", 200
    headers = result.get("headers") or []
    headers = list(headers.items()) if isinstance(headers, dict) else list(headers)
    body = result.get("body", "")
    if isinstance(body, (dict, list)):
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", "application/json"))
        body = to_json(body)
    elif not isinstance(body, (str, bytes)):
        body = str(body)
    return body, int(result.get("statusCode", 200)), headers
