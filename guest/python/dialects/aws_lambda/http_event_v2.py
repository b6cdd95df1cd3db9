"""API Gateway's payload format 2.0, also that of Lambda function URLs."""

import os
import re
import time

from .environment import ACCOUNT_ID
from .http_fields import HttpFields, gateway_time

_COOKIE_END = re.compile(r";\s*")


def http_event_v2(message, http, body):
    """The event of an HTTP call."""
    fields = HttpFields(http, body)
    now = time.time()
    everything = http["route"] in ("/*", "*")
    route_key = "$default" if everything else "%s %s" % (http["method"], fields.resource)
    event = {"version": "2.0", "routeKey": route_key, "rawPath": fields.path, "rawQueryString": fields.query_string}
    if "cookie" in fields.headers:
        event["cookies"] = [cookie for line in fields.headers["cookie"] for cookie in _COOKIE_END.split(line)]
    event["headers"] = {name: ",".join(values) for name, values in fields.headers.items()}
    if fields.query_string:
        event["queryStringParameters"] = {name: ",".join(values) for name, values in fields.query.items()}
    event["requestContext"] = {
        "accountId": ACCOUNT_ID,
        "apiId": os.environ["MAYFLY_APP"],
        "domainName": fields.host,
        "domainPrefix": fields.host.split(".")[0],
        "http": {
            "method": http["method"],
            "path": fields.path,
            "protocol": "HTTP/1.1",
            "sourceIp": http["remoteAddress"],
            "userAgent": fields.headers.get("user-agent", [""])[0],
        },
        "requestId": message["id"],
        "routeKey": route_key,
        "stage": "$default",
        "time": gateway_time(now),
        "timeEpoch": int(now * 1000),
    }
    if fields.path_parameters is not None:
        event["pathParameters"] = fields.path_parameters
    if fields.body is not None:
        event["body"] = fields.body
    event["isBase64Encoded"] = fields.is_base64
    return event
