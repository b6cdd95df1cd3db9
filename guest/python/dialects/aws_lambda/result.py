"""What a Lambda handler returns, as it goes onto the wire: status, headers (a flat list) and body."""

import base64
import json

from ...response_stream import InvalidResponse, names
from ...result import JSON_TYPE


def plain_result(result):
    """The result of a plain invocation: its JSON; bytes as they are, as AWS's runtime has it."""
    if isinstance(result, bytes):
        return 200, ["content-type", "application/unknown"], result
    return 200, ["content-type", JSON_TYPE], _to_json(result)


def http_result(result):
    """The result of an HTTP call: a proxy result, or any value as the body of a 200."""
    if isinstance(result, dict) and result.get("statusCode") is not None:
        return _proxy_result(result)
    if not isinstance(result, str):
        return plain_result(result)
    return 200, ["content-type", JSON_TYPE], result


def _to_json(value):
    try:
        return json.dumps(value, ensure_ascii=False, default=_encode_more)
    except (TypeError, ValueError, RecursionError) as thrown:
        raise InvalidResponse("Unable to marshal response: %s" % thrown) from thrown


def _encode_more(value):
    """AWS's runtime writes decimals as numbers; nothing else that JSON has no word for."""
    from decimal import Decimal

    if isinstance(value, Decimal):
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def _proxy_result(result):
    body = result.get("body")
    if isinstance(body, (bool, int, float)):
        # API Gateway writes a number or a truth value as text; anything else it calls malformed.
        body = json.dumps(body)
    if body is not None and not isinstance(body, str):
        kind = type(body).__name__
        raise InvalidResponse("The body of a response with a statusCode must be a string (json.dumps it), not a %s." % kind)
    text = body or ""
    headers = _headers_of(result)
    if text and not names(headers, "content-type"):
        headers += ["content-type", JSON_TYPE]
    try:
        status = int(result["statusCode"])
    except (TypeError, ValueError):
        raise InvalidResponse("The statusCode %r is no number." % (result["statusCode"],)) from None
    if result.get("isBase64Encoded") is True:
        try:
            return status, headers, base64.b64decode(text)
        except ValueError:
            raise InvalidResponse("The body is not base64, though isBase64Encoded says so.") from None
    return status, headers, text


def _headers_of(result):
    headers = []
    many = result.get("multiValueHeaders") or {}
    several = {name.lower() for name, values in many.items() if isinstance(values, (list, tuple))}
    for name, values in many.items():
        if isinstance(values, (list, tuple)):
            for value in values:
                headers += [str(name), _text(value)]
    for name, value in (result.get("headers") or {}).items():
        # AWS: when a name stands in both, multiValueHeaders wins.
        if value is not None and str(name).lower() not in several:
            headers += [str(name), _text(value)]
    for cookie in result.get("cookies") or []:
        headers += ["set-cookie", str(cookie)]
    return headers


def _text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)
