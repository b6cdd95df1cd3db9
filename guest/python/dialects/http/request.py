"""The request of an HTTP call as both kinds of applications want it told."""

from urllib.parse import unquote_to_bytes, urlsplit

from ...failure import HandlerUnusable

_PORTS = {"http": 80, "https": 443}


class Request:
    """`path` is decoded bytes, `raw_path` and `query` are text as sent; `headers` are pairs, names in lower case."""

    def __init__(self, call):
        http = call.message.get("http")
        if http is None:
            raise HandlerUnusable('The dialect "http" serves requests only, not events.')
        url = urlsplit(http["url"])
        self.method = http["method"]
        self.scheme = url.scheme
        self.host = url.hostname or "localhost"
        self.port = url.port or _PORTS.get(url.scheme, 80)
        self.raw_path = url.path or "/"
        self.path = unquote_to_bytes(self.raw_path)
        self.query = url.query
        self.client = http["remoteAddress"]
        flat = http["headers"]
        self.headers = [(name.lower(), value) for name, value in zip(flat[::2], flat[1::2])]
