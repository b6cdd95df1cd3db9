"""What Kubeless' functions see of Bottle, the framework of its runtime."""

import io
import json

from ...answer import Answer
from ...flask_view.request import Request
from ...header_fields import add_default_header, header_list
from ...host_modules import new_module
from ...response_stream import InvalidResponse
from ...result import JSON_TYPE, to_json

_HTML_TYPE = "text/html; charset=UTF-8"


class BottleRequest:
    """`event["extensions"]["request"]`: what Bottle's request has most."""

    def __init__(self, http, body):
        own = Request(http, body)
        self._own = own
        self.method = own.method
        self.url = own.url
        self.path = own.path
        self.fullpath = own.path
        self.script_name = "/"
        self.query_string = own.query_string.decode()
        self.headers = own.headers
        self.query = self.GET = own.args
        self.body = io.BytesIO(body)
        self.content_type = (own.content_type or "").lower()
        self.content_length = len(body)
        self.remote_addr = own.remote_addr
        self.remote_route = own.access_route
        self.url_args = dict(http["params"])

    @property
    def json(self):
        """The body, parsed; None where it is no JSON by its type. Raises ValueError."""
        return json.loads(self.body.getvalue()) if self._own.is_json and self.body.getvalue() else None

    forms = property(lambda self: self._own.form)
    files = property(lambda self: self._own.files)
    params = property(lambda self: self._own.values)
    cookies = property(lambda self: self._own.cookies)

    def get_header(self, name, default=None):
        """A header's value."""
        return self.headers.get(name, default)

    def get_cookie(self, name, default=None):
        """A cookie's value."""
        return self.cookies.get(name, default)


class HTTPResponse(Exception):
    """`bottle.HTTPResponse`, returned or raised."""

    def __init__(self, body="", status=None, headers=None, **more):
        super().__init__(body)
        self.body = body
        self.status_code = int(str(status or 200).split(" ", 1)[0])
        pairs = header_list(headers) + header_list({name.replace("_", "-").title(): value for name, value in more.items()})
        self.headerlist = list(zip(pairs[::2], pairs[1::2]))

    status = property(lambda self: self.status_code)

    def set_header(self, name, value):
        """In place of others of the name."""
        self.headerlist = [pair for pair in self.headerlist if pair[0].lower() != name.lower()] + [(name, str(value))]

    def add_header(self, name, value):
        """One more."""
        self.headerlist.append((name, str(value)))


class HTTPError(HTTPResponse):
    """`bottle.HTTPError(404, "text")`."""

    def __init__(self, status=None, body=None, exception=None, traceback=None, **more):
        super().__init__(body or "", status or 500, **more)


def _abort(code=500, text="Unknown Error."):
    raise HTTPError(code, text)


BOTTLE_MODULE = new_module(
    "bottle", {"HTTPError": HTTPError, "HTTPResponse": HTTPResponse, "abort": _abort}, 'put "bottle" into requirements.txt.'
)


def answer_of(result):
    """What Bottle makes of what a handler gives."""
    status, headers = 200, []
    if hasattr(result, "status_code") and hasattr(result, "headerlist"):
        status, headers, result = result.status_code, [text for pair in result.headerlist for text in pair], result.body
    if not result:
        return Answer(status, headers, None)
    if isinstance(result, dict):
        add_default_header(headers, "content-type", JSON_TYPE)
        return Answer(status, headers, to_json(result))
    add_default_header(headers, "content-type", _HTML_TYPE)
    if isinstance(result, (list, tuple)) and isinstance(result[0], (str, bytes)):
        result = result[0][:0].join(result)
    if hasattr(result, "read"):
        result = result.read()
    if not isinstance(result, (str, bytes)):
        raise InvalidResponse("A Kubeless function gives text, bytes or a dictionary, not a %s." % type(result).__name__)
    return Answer(status, headers, result)
