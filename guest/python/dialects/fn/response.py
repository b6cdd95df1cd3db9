"""What a function gives."""

from ...answer import Answer, send_answer, status_from
from ...header_fields import add_default_header, header_list
from ...result import to_json
from .headers import HTTP_PREFIX

_TEXT_TYPE = "text/plain; charset=utf-8"


class Response:
    """`fdk.response.Response`."""

    def __init__(self, ctx, response_data=None, headers=None, status_code=200, response_encoding="utf-8"):
        self.ctx = ctx
        self.status_code = status_code
        self.response_data = "" if response_data is None else response_data
        self.response_encoding = response_encoding
        ctx.SetResponseHeaders(headers, status_code)

    def status(self):
        return self.status_code

    def body(self):
        return self.response_data

    def body_bytes(self):
        """Bytes and text as they are; a dictionary or list as JSON, all else as its text."""
        data = self.response_data
        if isinstance(data, (bytes, bytearray)):
            return bytes(data)
        text = to_json(data) if isinstance(data, (dict, list)) else str(data)
        return text.encode(self.response_encoding)

    def context(self):
        return self.ctx


def send_response(response, call, respond):
    """What Fn's gateway makes of it: headers without the prefix for HTTP, and the status."""
    given = {}
    for name, value in response.ctx.GetResponseHeaders().items():
        if name.startswith(HTTP_PREFIX):
            given[name[len(HTTP_PREFIX) :]] = value
        elif not name.startswith("fn-") and name != "content-length":
            given.setdefault(name, value)
    headers = header_list(given)
    body = response.body_bytes()
    if body:
        add_default_header(headers, "content-type", _TEXT_TYPE)
    send_answer(Answer(status_from(response.status_code, 200), headers, body), call, respond)
