"""API Gateway's payload format 1.0, also that of its REST APIs: header names as sent, several values kept apart."""

import os
import time

from .environment import ACCOUNT_ID
from .http_fields import HttpFields, gateway_time


def http_event_v1(message, http, body):
    """The event of an HTTP call."""
    fields = HttpFields(http, body)
    headers = _names_as_sent(http, fields.headers)
    now = time.time()
    query = fields.query if fields.query_string else None
    return {
        "version": "1.0",
        "resource": fields.resource,
        "path": fields.path,
        "httpMethod": http["method"],
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": None if query is None else {name: values[-1] for name, values in query.items()},
        "multiValueQueryStringParameters": query,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": os.environ["MAYFLY_APP"],
            "domainName": fields.host,
            "domainPrefix": fields.host.split(".")[0],
            "extendedRequestId": message["id"],
            "httpMethod": http["method"],
            "identity": {
                "sourceIp": http["remoteAddress"],
                "userAgent": fields.headers.get("user-agent", [None])[0],
            },
            "path": fields.path,
            "protocol": "HTTP/1.1",
            "requestId": message["id"],
            "requestTime": gateway_time(now),
            "requestTimeEpoch": int(now * 1000),
            "resourceId": "%s %s" % (http["method"], fields.resource),
            "resourcePath": fields.resource,
            "stage": "$default",
        },
        "pathParameters": fields.path_parameters,
        "stageVariables": None,
        "body": fields.body,
        "isBase64Encoded": fields.is_base64,
    }


def _names_as_sent(http, by_lower_name):
    named = {}
    seen = set()
    for name in http["headers"][::2]:
        if name.lower() not in seen:
            seen.add(name.lower())
            named[name] = by_lower_name[name.lower()]
    return named
