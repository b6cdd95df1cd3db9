"""Requests and responses."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from ...flask_view.fields import Headers
from ...flask_view.form import read_form


class RequestHeaders(Mapping):
    """Names may be written in any case."""

    def __init__(self, given):
        self._fields = {name.lower(): value for name, value in given.items()}

    def __getitem__(self, name):
        return self._fields[name.lower()]

    def __contains__(self, name):
        return isinstance(name, str) and name.lower() in self._fields

    def __iter__(self):
        return iter(self._fields)

    def __len__(self):
        return len(self._fields)


class HttpRequest:
    """`func.HttpRequest`."""

    def __init__(self, method, url, *, headers=None, params=None, route_params=None, body=b""):
        self.method = method.upper()
        self.url = url
        self.headers = RequestHeaders(headers or {})
        self.params = MappingProxyType(dict(params or {}))
        self.route_params = MappingProxyType(dict(route_params or {}))
        self._body = body.encode() if isinstance(body, str) else bytes(body)
        self._form = None

    def get_body(self):
        """Bytes."""
        return self._body

    def get_json(self):
        """The body, parsed. Raises ValueError."""
        try:
            return json.loads(self._body)
        except ValueError as thrown:
            raise ValueError("HTTP request does not contain valid JSON data") from thrown

    @property
    def form(self):
        """Fields of a form."""
        return self._parsed()[0]

    @property
    def files(self):
        """Files of a form."""
        return self._parsed()[1]

    def _parsed(self):
        if self._form is None:
            self._form = read_form(self._body, self.headers.get("content-type", ""))
        return self._form


class HttpResponse:
    """`func.HttpResponse`. A body is text or bytes."""

    def __init__(self, body=None, *, status_code=None, headers=None, mimetype=None, charset=None):
        status = 200 if status_code is None else status_code
        self.status_code = status.value if isinstance(status, HTTPStatus) else status
        self.mimetype = mimetype or "text/plain"
        self.charset = charset or "utf-8"
        self.headers = Headers(headers)
        if not isinstance(body, (str, bytes, bytearray, type(None))):
            kind = type(body).__name__
            raise TypeError("response is expected to be either of str, bytes, or bytearray, got %s" % kind)
        self._body = body.encode(self.charset) if isinstance(body, str) else bytes(body or b"")

    def get_body(self):
        """Bytes."""
        return self._body
