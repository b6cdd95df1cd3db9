"""What both payload formats say about an HTTP call, each in its own words."""

import base64
import re
import time
from urllib.parse import parse_qsl, urlsplit

from ...event_data import is_text

_PARAMETER = re.compile(r":([A-Za-z0-9_]+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class HttpFields:
    """
    `headers`: all values of each header, by its name in lower case; `query`: all values of each parameter, decoded; `resource`: the
    route's pattern as API Gateway writes it, `/users/{id}`, `/files/{proxy+}`; `path_parameters`, `body`: None when there is none.
    """

    def __init__(self, http, body):
        url = urlsplit(http["url"])
        self.path = url.path or "/"
        self.query_string = url.query
        self.host = url.hostname or ""
        self.headers = {}
        for name, value in zip(http["headers"][::2], http["headers"][1::2]):
            self.headers.setdefault(name.lower(), []).append(value)
        self.query = {}
        for name, value in parse_qsl(url.query, keep_blank_values=True):
            self.query.setdefault(name, []).append(value)
        self.resource = re.sub(r"\*\Z", "{proxy+}", _PARAMETER.sub(r"{\1}", http["route"]))
        params = {"proxy" if name == "*" else name: value for name, value in http["params"].items()}
        self.path_parameters = params or None
        content_type = self.headers.get("content-type", [None])[0]
        text = "content-encoding" not in self.headers and is_text(body, content_type)
        self.is_base64 = bool(body) and not text
        self.body = None
        if body:
            self.body = body.decode("utf-8", "replace") if text else base64.b64encode(body).decode()


def gateway_time(seconds):
    """A time as API Gateway writes it: `12/Mar/2020:19:03:58 +0000`."""
    at = time.gmtime(seconds)
    return "%02d/%s/%04d:%02d:%02d:%02d +0000" % (
        at.tm_mday,
        _MONTHS[at.tm_mon - 1],
        at.tm_year,
        at.tm_hour,
        at.tm_min,
        at.tm_sec,
    )
