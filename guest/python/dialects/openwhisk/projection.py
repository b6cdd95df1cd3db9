"""The part of a web action's result that a request asks for."""

import re

from ...header_fields import add_default_header
from ...result import JSON_TYPE, to_json

# Only at OpenWhisk's own paths: an API's path may end so as well.
_EXTENDED = re.compile(r"/api/v1/web/.*\.(json|html|svg|text)(?:/\*)?\Z")
# The type of each extension that takes text alone, and the field that it takes when the path names none.
_TEXTS = {"html": "text/html; charset=utf-8", "svg": "image/svg+xml", "text": "text/plain; charset=utf-8"}
_NOTHING = object()


def projection_of(http):
    """`(extension, fields)`; None: the request asks for the answer itself (`.http`, or no extension)."""
    found = _EXTENDED.match(http["route"])
    if found is None:
        return None
    extension = found.group(1)
    fields = [field for field in http["params"].get("*", "").split("/") if field != ""]
    return extension, fields if fields or extension == "json" else [extension]


def send_projection(result, projection, cors, call, respond):
    """Answers in the type that the extension says: 404 when there is no such part, 400 when it is not of that type."""
    extension, fields = projection
    value = result
    for field in fields:
        value = value.get(field, _NOTHING) if isinstance(value, dict) else _NOTHING
    status, kind, body = _answer(value, extension)
    headers = ["content-type", kind]
    for at in range(0, len(cors), 2):
        add_default_header(headers, cors[at], cors[at + 1])
    add_default_header(headers, "x-openwhisk-activation-id", call.message["id"])
    respond.whole(status, headers, body)


def _answer(value, extension):
    if value is _NOTHING:
        return 404, JSON_TYPE, to_json({"error": "The requested part of the result does not exist."})
    if extension == "json" and isinstance(value, (dict, list, tuple)):
        return 200, JSON_TYPE, to_json(value)
    if extension != "json" and isinstance(value, str):
        return 200, _TEXTS[extension], value
    if extension == "text":
        return 200, _TEXTS[extension], to_json(value)
    return 400, JSON_TYPE, to_json({"error": 'The result is not of the type "%s".' % extension})
