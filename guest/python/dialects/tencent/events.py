"""Events as SCF's triggers send them."""

import base64
import os
import re
from datetime import datetime, timezone

from ...event_data import is_text
from ...header_fields import header_record
from ...request_data import query_record, split_target
from ...result import to_json

_STAGE = "release"
_PARAMETER = re.compile(r":([A-Za-z0-9_]+)")


def gateway_event(message, http, body):
    """An HTTP call as API Gateway's event of an integration request. Repeated query names have lists."""
    headers = header_record(http["headers"])
    path, query_text = split_target(http["url"])
    query = query_record(query_text)
    text = "content-encoding" not in headers and is_text(body, headers.get("content-type"))
    return {
        "requestContext": {
            "serviceId": os.environ.get("MAYFLY_APP"),
            "path": _PARAMETER.sub(r"{\1}", http["route"]),
            "httpMethod": http["method"],
            "requestId": message["id"],
            "identity": {},
            "sourceIp": http["remoteAddress"],
            "stage": _STAGE,
        },
        "headers": headers,
        "headerParameters": {},
        "httpMethod": http["method"],
        "path": path,
        "pathParameters": http["params"],
        "queryString": query,
        "queryStringParameters": query,
        "stageVariables": {"stage": _STAGE},
        "body": body.decode("utf-8", "replace") if text else base64.b64encode(body).decode(),
        "isBase64Encoded": bool(body) and not text,
    }


def timer_event(event, data):
    """A schedule's event as that of a timer trigger."""
    due = (data.get("scheduledTime") if isinstance(data, dict) else None) or event.get("time")
    return {
        "Type": "Timer",
        "TriggerName": str(event.get("subject") or event.get("source") or ""),
        "Time": "%sZ" % _seconds(due),
        "Message": "" if data is None else data if isinstance(data, str) else to_json(data),
    }


def _seconds(due):
    if isinstance(due, (int, float)):
        due = datetime.fromtimestamp(due / 1000, timezone.utc).isoformat()
    return (due or datetime.now(timezone.utc).isoformat())[:19]
