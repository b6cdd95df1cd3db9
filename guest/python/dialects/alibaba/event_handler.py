"""`(event, context)`: the event as bytes; of an HTTP call, the JSON that version 3.0 makes of it."""

import base64
import json
import os
import time
from datetime import datetime, timezone
from urllib.parse import urlsplit

from ...answer import status_from
from ...coroutines import finish_if_awaitable
from ...event_data import is_text
from ...header_fields import header_in, header_list
from ...request_data import query_record, split_target
from ...response_stream import InvalidResponse
from ...result import to_json

_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_JSON = "application/json"


def serve_event(handle, context, call, respond):
    """Serves one call."""
    http = call.message.get("http")
    body = call.body.all()
    event = body if http is None else json.dumps(_http_event(call.message, http, body)).encode()
    result = finish_if_awaitable(handle(event, context))
    if http is not None:
        _send_http_result(result, respond)
        return
    content, kind = (b"", _BYTES) if result is None else _encoded(result, _TEXT)
    respond.whole(200, ["content-type", kind], content)


def _encoded(value, text_type):
    """Bytes stay as they are, an object is JSON, anything else its text."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value), _BYTES
    if isinstance(value, (dict, list, tuple)):
        return to_json(value), _JSON
    return value if isinstance(value, str) else to_json(value), text_type


def _http_event(message, http, body):
    headers = {}
    for name, value in zip(http["headers"][::2], http["headers"][1::2]):
        headers[name] = value if name not in headers else "%s,%s" % (headers[name], value)
    path, query_text = split_target(http["url"])
    query = {name: ",".join(value) if isinstance(value, list) else value for name, value in query_record(query_text).items()}
    sent = http["headers"]
    text = header_in(sent, "content-encoding") is None and is_text(body, header_in(sent, "content-type"))
    host = urlsplit(http["url"]).hostname or ""
    now = time.time()
    return {
        "version": "v1",
        "rawPath": path,
        "headers": headers,
        "queryParameters": query,
        "body": body.decode("utf-8", "replace") if text else base64.b64encode(body).decode(),
        "isBase64Encoded": not text,
        "requestContext": {
            "accountId": os.environ["FC_ACCOUNT_ID"],
            "domainName": host,
            "domainPrefix": host.split(".")[0],
            "http": {
                "method": http["method"],
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": http["remoteAddress"],
                "userAgent": header_in(sent, "user-agent") or "",
            },
            "requestId": message["id"],
            "time": datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "timeEpoch": str(int(now * 1000)),
        },
    }


def _send_http_result(result, respond):
    """Answers with `{statusCode, headers, body, isBase64Encoded}`, also as JSON text; anything else is the body of a 200."""
    told = _described(result)
    if told is None:
        content, kind = (None, None) if result is None else _encoded(result, _JSON)
        respond.whole(200, [] if kind is None else ["content-type", kind], content)
        return
    headers, body = header_list(told.get("headers")), told.get("body")
    if told.get("isBase64Encoded") is True:
        try:
            content, kind = base64.b64decode(body), None
        except (TypeError, ValueError):
            raise InvalidResponse("The body is not base64, though isBase64Encoded says so.") from None
    else:
        content, kind = (None, None) if body is None else _encoded(body, _JSON)
    if kind is not None and header_in(headers, "content-type") is None:
        headers += ["content-type", kind]
    respond.whole(status_from(told["statusCode"], 200), headers, content)


def _described(result):
    if isinstance(result, (str, bytes)) and result[:1] in ("{", b"{"):
        try:
            result = json.loads(result)
        except ValueError:
            return None
    return result if isinstance(result, dict) and "statusCode" in result else None
