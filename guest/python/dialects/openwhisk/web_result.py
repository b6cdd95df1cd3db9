"""The answer of a web action."""

import base64
import re

from ...answer import status_from
from ...event_data import is_text
from ...header_fields import add_default_header, header_in, header_list
from ...response_stream import InvalidResponse
from ...result import JSON_TYPE, to_json

_JSON_TYPE = re.compile(r"[^;]*[/+]json\s*(;|\Z)", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/=]*\Z")
_ASKED_HEADERS = "Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent"


def cors_headers(http):
    """What OpenWhisk lets browsers do with web actions that do not answer OPTIONS themselves."""
    return [
        "access-control-allow-origin",
        "*",
        "access-control-allow-methods",
        "OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH",
        "access-control-allow-headers",
        header_in(http["headers"], "access-control-request-headers") or _ASKED_HEADERS,
    ]


def send_web_result(result, cors, call, respond):
    """
    Its `statusCode`, `headers` and `body`, those of its `error` if it has one, or, when it has none of them, itself as JSON.
    A bare error is a 400.
    """
    error = result.get("error") if isinstance(result, dict) else None
    told = result if error is None else error
    if isinstance(told, dict) and any(name in told for name in ("statusCode", "headers", "body")):
        status, headers, body = _web_answer(told)
    else:
        status, headers, body = 200 if error is None else 400, ["content-type", JSON_TYPE], to_json(result)
    for at in range(0, len(cors), 2):
        add_default_header(headers, cors[at], cors[at + 1])
    add_default_header(headers, "x-openwhisk-activation-id", call.message["id"])
    respond.whole(status, headers, body)


def _web_answer(result):
    given = result.get("headers")
    if given is not None and not isinstance(given, dict):
        raise InvalidResponse("The headers of a web action are a dictionary.")
    headers = header_list({name: _header_text(value) for name, value in (given or {}).items()})
    body = result.get("body")
    if body is None or body == "":
        return status_from(result.get("statusCode"), 204), headers, None
    status = status_from(result.get("statusCode"), 200)
    if not isinstance(body, str):
        add_default_header(headers, "content-type", JSON_TYPE)
        return status, headers, to_json(body)
    add_default_header(headers, "content-type", "text/html; charset=utf-8")
    return status, headers, _decoded(body, header_in(headers, "content-type"))


def _header_text(value):
    return str(value).lower() if isinstance(value, bool) else value


def _decoded(body, kind):
    """Bytes come as base64; JSON may."""
    is_json = _JSON_TYPE.match(kind) is not None
    if not is_json and is_text(b"", kind):
        return body
    if len(body) % 4 == 0 and _BASE64.match(body):
        try:
            return base64.b64decode(body)
        except ValueError:
            pass
    if is_json:
        return body
    raise InvalidResponse("A body of the type %s must be base64." % kind)
