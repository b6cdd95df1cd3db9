"""What Fn tells a function about a call: by its gateway's headers, when it is HTTP."""

from datetime import datetime, timezone

from ...event_request import request_of
from ...header_fields import go_name, header_in

# Names of headers that came over HTTP, or are to go there, begin so.
HTTP_PREFIX = "fn-http-h-"


def call_headers(message):
    """By names in lower case; several values of one are a list."""
    http, request = message.get("http"), request_of(message)
    deadline = datetime.fromtimestamp(message["deadline"] / 1000, timezone.utc)
    headers = {
        "fn-call-id": message["id"],
        "fn-deadline": deadline.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "fn-intent": "cloudevent" if http is None else "httprequest",
    }
    kind = header_in(request["headers"], "content-type")
    if kind is not None:
        headers["content-type"] = kind
    if http is not None:
        headers["fn-http-method"] = http["method"]
        headers["fn-http-request-url"] = http["url"]
    prefix = "" if http is None else HTTP_PREFIX
    for name, value in zip(request["headers"][::2], request["headers"][1::2]):
        name = prefix + name.lower()
        if name == "content-type":
            continue
        known = headers.get(name)
        headers[name] = value if known is None else [*known, value] if isinstance(known, list) else [known, value]
    return headers


def http_headers(headers):
    """Those of the HTTP request alone, without the prefix, by names as Go writes them and in lower case."""
    plain = {name[len(HTTP_PREFIX) :]: value for name, value in headers.items() if name.startswith(HTTP_PREFIX)}
    return {**plain, **{go_name(name): value for name, value in plain.items()}}
