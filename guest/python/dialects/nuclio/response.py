"""What a handler gives."""

from ...answer import Answer, status_from
from ...header_fields import add_default_header, header_list
from ...result import JSON_TYPE, to_json

_TEXT_TYPE = "text/plain"


class Response:
    """`context.Response`."""

    def __init__(self, headers=None, body=None, content_type=None, status_code=200, event_id=None):
        self.headers = headers or {}
        self.body = body
        self.status_code = status_code
        self.content_type = content_type or _TEXT_TYPE
        self.event_id = event_id

    def __repr__(self):
        return "Response(%s)" % ", ".join("%s=%r" % pair for pair in vars(self).items())


def encode_output(output):
    """Text, bytes, `(status, body)`, a response (that of the author's own SDK, too), or a value that becomes JSON."""
    if all(hasattr(output, name) for name in ("body", "status_code", "content_type", "headers")):
        headers = header_list(output.headers)
        is_json = isinstance(output.body, (dict, list))
        add_default_header(headers, "content-type", JSON_TYPE if is_json else output.content_type)
        body = to_json(output.body) if is_json else _as_text(output.body)
        return Answer(status_from(output.status_code, 200), headers, body)
    status = 200
    if isinstance(output, tuple) and len(output) == 2:
        status, output = status_from(output[0], 200), output[1]
        is_json = not isinstance(output, (str, bytes))
    else:
        is_json = isinstance(output, (dict, list))
    body = to_json(output) if is_json else _as_text(output)
    return Answer(status, ["content-type", JSON_TYPE if is_json else _TEXT_TYPE], body)


def _as_text(value):
    if value is None:
        return None
    return value if isinstance(value, (str, bytes)) else str(value)
