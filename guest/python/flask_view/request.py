"""The request, where Flask itself is not installed."""

import base64
import io
import json
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from urllib.parse import parse_qsl, unquote, urlsplit

from ..event_data import is_json_type
from .fields import Headers, MultiDict
from .form import read_form
from .problem import abort


class Request:
    """Attributes and methods as Flask documents them. `body` is all of it, bytes."""

    def __init__(self, http, body):
        url = urlsplit(http["url"])
        self._body = body
        self._form = None
        self.method = http["method"]
        self.url = http["url"]
        self.scheme = url.scheme
        self.is_secure = url.scheme == "https"
        self.host = url.netloc
        self.root_url = self.host_url = self.url_root = "%s://%s/" % (url.scheme, url.netloc)
        self.root_path = self.script_root = ""
        self.path = unquote(url.path) or "/"
        self.full_path = "%s?%s" % (self.path, url.query)
        self.base_url = "%s://%s%s" % (url.scheme, url.netloc, url.path or "/")
        self.query_string = url.query.encode()
        self.args = MultiDict(parse_qsl(url.query, keep_blank_values=True))
        self.headers = Headers(flat=http["headers"])
        self.remote_addr = http["remoteAddress"]
        self.access_route = [self.remote_addr]
        self.view_args = {"path": self.path[1:], **http["params"]}
        self.content_type = self.headers.get("content-type")
        self.mimetype = (self.content_type or "").split(";")[0].strip().lower()
        self.is_json = is_json_type(self.mimetype)
        self.content_length = len(body)
        self.stream = io.BytesIO(body)
        self.user_agent = UserAgent(self.headers.get("user-agent", ""))
        self.referrer = self.headers.get("referer")
        self.origin = self.headers.get("origin")
        self.endpoint = "run"
        self.blueprint = None

    def __getattr__(self, name):
        raise AttributeError('A request has no "%s" here: put "flask" into requirements.txt.' % name)

    def _get_current_object(self):
        return self

    @property
    def data(self):
        """The body, unless it is a form."""
        return b"" if self.form or self.files else self._body

    def get_data(self, cache=True, as_text=False, parse_form_data=False):
        """The body."""
        return self._body.decode("utf-8", "replace") if as_text else self._body

    @property
    def json(self):
        """The body, parsed; a body that is none ends the call with 400, another type with 415."""
        return self.get_json()

    def get_json(self, force=False, silent=False, cache=True):
        """As `json`; `force`: whatever its type, `silent`: None instead of ending the call."""
        if not (force or self.is_json):
            return None if silent else abort(415, _NOT_JSON)
        try:
            return json.loads(self._body)
        except ValueError:
            return None if silent else abort(400, _BAD_JSON)

    @property
    def form(self):
        """Fields of a form."""
        return self._parsed()[0]

    @property
    def files(self):
        """Files of a form."""
        return self._parsed()[1]

    @property
    def values(self):
        """Query and form together."""
        return MultiDict([*self.args.items(multi=True), *self.form.items(multi=True)])

    @property
    def cookies(self):
        """Values by names."""
        jar = SimpleCookie()
        for part in self.headers.get("cookie", "").replace(",", ";").split(";"):
            try:
                jar.load(part.strip())
            except CookieError:
                pass
        return MultiDict((name, morsel.value) for name, morsel in jar.items())

    @property
    def authorization(self):
        """`username` and `password`, or `token`; None when there is none."""
        kind, _, rest = self.headers.get("authorization", "").partition(" ")
        if not rest:
            return None
        if kind.lower() != "basic":
            return SimpleNamespace(type=kind.lower(), token=rest, username=None, password=None)
        try:
            name, _, password = base64.b64decode(rest).decode().partition(":")
        except ValueError:
            return None
        return SimpleNamespace(type="basic", token=None, username=name, password=password)

    def _parsed(self):
        if self._form is None:
            self._form = read_form(self._body, self.content_type or "")
        return self._form

    def __repr__(self):
        return "<Request %r [%s]>" % (self.url, self.method)


class UserAgent(str):
    """A text that also has itself as `string`."""

    @property
    def string(self):
        """The header."""
        return str(self)


_NOT_JSON = "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."
_BAD_JSON = "The browser (or proxy) sent a request that this server could not understand."
