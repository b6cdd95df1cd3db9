"""Errors that are answers: `abort(404)`."""

from html import escape
from http import HTTPStatus


class HTTPException(Exception):
    """Raised anywhere in a function, it becomes the answer."""

    code = 500

    def __init__(self, description=None, response=None, code=None):
        super().__init__(description)
        if code is not None:
            self.code = code
        self.response = response
        self.description = _described(self.code) if description is None else description

    @property
    def name(self):
        """`Not Found`."""
        return _phrase(self.code)

    def __str__(self):
        return "%d %s: %s" % (self.code, self.name, self.description)

    def get_body(self):
        """The page that a browser shows."""
        title = "%d %s" % (self.code, escape(self.name))
        text = escape(str(self.description)).replace("\n", "<br>")
        return "<!doctype html>\n<html lang=en>\n<title>%s</title>\n<h1>%s</h1>\n<p>%s</p>\n" % (title, escape(self.name), text)


def _kind(name, code):
    return type(name, (HTTPException,), {"code": code, "__module__": "werkzeug.exceptions"})


# As Werkzeug names them.
KINDS = {
    kind.code: kind
    for kind in (
        _kind("BadRequest", 400),
        _kind("Unauthorized", 401),
        _kind("Forbidden", 403),
        _kind("NotFound", 404),
        _kind("MethodNotAllowed", 405),
        _kind("NotAcceptable", 406),
        _kind("Conflict", 409),
        _kind("Gone", 410),
        _kind("RequestEntityTooLarge", 413),
        _kind("UnsupportedMediaType", 415),
        _kind("UnprocessableEntity", 422),
        _kind("TooManyRequests", 429),
        _kind("InternalServerError", 500),
        _kind("NotImplemented", 501),
        _kind("BadGateway", 502),
        _kind("ServiceUnavailable", 503),
        _kind("GatewayTimeout", 504),
    )
}


def _phrase(code):
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Unknown Error"


def _described(code):
    try:
        return HTTPStatus(code).description or _phrase(code)
    except ValueError:
        return _phrase(code)


def abort(code, description=None, *_more, **_named):
    """Ends the call with this status, or with a response."""
    if not isinstance(code, int):
        raise HTTPException(response=code)
    raise KINDS.get(code, HTTPException)(description, code=code)
