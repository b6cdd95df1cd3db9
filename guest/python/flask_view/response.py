"""The response, where Flask itself is not installed, and what else a function may return."""

import json
from http import HTTPStatus
from http.cookies import SimpleCookie

from ..result import to_json
from .fields import Headers
from .problem import HTTPException

_HTML_TYPE = "text/html; charset=utf-8"
_JSON_TYPE = "application/json"
_EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT"


class Response:
    """`response` is text, bytes, or an iterable of them, which is sent as it comes."""

    default_mimetype = "text/html"

    def __init__(self, response=None, status=None, headers=None, mimetype=None, content_type=None, direct_passthrough=False):
        self.headers = Headers(headers)
        self.status = 200 if status is None else status
        if content_type is None and mimetype is not None:
            content_type = _with_charset(mimetype)
        if content_type is not None:
            self.headers["content-type"] = content_type
        else:
            self.headers.setdefault("Content-Type", _HTML_TYPE)
        self.response = response
        self.is_streamed = response is not None and not isinstance(response, (str, bytes, bytearray, list, tuple))
        if not self.is_streamed:
            self.set_data(response or b"")

    @property
    def status(self):
        """`200 OK`."""
        return "%d %s" % (self.status_code, _phrase(self.status_code))

    @status.setter
    def status(self, value):
        self.status_code = int(str(value.value if isinstance(value, HTTPStatus) else value).split(" ", 1)[0])

    @property
    def data(self):
        """The body, bytes."""
        return self.get_data()

    @data.setter
    def data(self, value):
        self.set_data(value)

    def set_data(self, value):
        """Another body."""
        self.is_streamed = False
        self.response = [_bytes(part) for part in (value if isinstance(value, (list, tuple)) else [value])]

    def get_data(self, as_text=False):
        """The body."""
        self.response = [_bytes(part) for part in self.response]
        body = b"".join(self.response)
        return body.decode("utf-8", "replace") if as_text else body

    def get_json(self, force=False, silent=False):
        """The body, parsed."""
        try:
            return json.loads(self.get_data())
        except ValueError:
            if silent:
                return None
            raise

    json = property(get_json)

    @property
    def content_type(self):
        """The header."""
        return self.headers.get("content-type")

    @content_type.setter
    def content_type(self, value):
        self.headers["Content-Type"] = value

    @property
    def mimetype(self):
        """The header without parameters."""
        return (self.content_type or "").split(";")[0].strip()

    @mimetype.setter
    def mimetype(self, value):
        self.headers["Content-Type"] = _with_charset(value)

    def set_cookie(self, key, value="", max_age=None, expires=None, path="/", domain=None, **more):
        """Adds a cookie; `more` are `secure`, `httponly` and `samesite`."""
        jar = SimpleCookie()
        jar[key] = str(value)
        morsel = jar[key]
        for name, said in {"max-age": max_age, "expires": expires, "path": path, "domain": domain, **more}.items():
            if said is not None and said is not False:
                morsel[name] = said
        self.headers.add("Set-Cookie", morsel.OutputString())

    def delete_cookie(self, key, path="/", domain=None, **_named):
        """Has the browser forget a cookie."""
        self.set_cookie(key, expires=_EPOCH, max_age=0, path=path, domain=domain)


def make_response(value):
    """
    What Flask makes of what a function returns: text, bytes, a dictionary or list (JSON), an iterator, a response, or one of
    them in a tuple with status, headers or both. Raises TypeError for anything else, and for nothing.
    """
    status = headers = None
    if isinstance(value, tuple):
        if len(value) == 3:
            value, status, headers = value
        elif len(value) == 2 and isinstance(value[1], (dict, list, tuple, Headers)):
            value, headers = value
        elif len(value) == 2:
            value, status = value
        else:
            raise TypeError("A tuple that a function returns is (body, status, headers), (body, status) or (body, headers).")
    response = _as_response(value)
    if status is not None:
        response.status = status
    if headers:
        response.headers.update(headers)
    return response


def _as_response(value):
    if value is None:
        raise TypeError("The function did not return a valid response: it returned None or ended without a return statement.")
    if isinstance(value, HTTPException):
        return value.response or Response(value.get_body(), value.code)
    if isinstance(value, (dict, list)):
        return Response(to_json(value) + "\n", mimetype=_JSON_TYPE)
    if isinstance(value, (str, bytes, bytearray)) or hasattr(value, "__next__"):
        return Response(value)
    if hasattr(value, "status_code") and hasattr(value, "headers"):
        return value
    raise TypeError("The function did not return a valid response: a %s is none." % type(value).__name__)


def _with_charset(mimetype):
    return mimetype + "; charset=utf-8" if mimetype.startswith("text/") and "charset" not in mimetype else mimetype


def _bytes(part):
    return part.encode() if isinstance(part, str) else bytes(part)


def _phrase(code):
    try:
        return HTTPStatus(code).phrase.upper()
    except ValueError:
        return "UNKNOWN"
