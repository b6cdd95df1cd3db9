"""Keeps a chain of calls in one release."""

import http.client

from .call import current_call

_RELEASE_HEADER = "x-mayfly-release"


class OwnCalls:
    """
    What a call asks of its own app carries the call's pin and, unless the author set one, its trace. Nothing goes to any other host: who
    has the pin is served by the release, whatever is active.

    It is `http.client` that is told, and with it urllib, requests and urllib3. Clients that speak HTTP themselves (httpx, aiohttp) are not
    pinned: their requests are served by what is active.
    """

    def __init__(self):
        self._own = None

    def become(self, own):
        """The process has become a function that is found here (an OwnAddress)."""
        self._own = own

    def install(self):
        """Once, before any of the author's code runs."""
        connection = http.client.HTTPConnection
        put_request, put_header, end_headers = connection.putrequest, connection.putheader, connection.endheaders

        def note_request(self, method, url, *args, **named):
            self._mayfly_url, self._mayfly_names = url, {}
            return put_request(self, method, url, *args, **named)

        def note_header(self, header, *values):
            noted = getattr(self, "_mayfly_names", None)
            if noted is not None:
                noted[_text(header).lower()] = _text(values[0]) if values else ""
            return put_header(self, header, *values)

        def add_fields(connection, *args, **named):
            call = current_call.get()
            if call is not None and self._is_own(connection):
                for name, value in ((_RELEASE_HEADER, call.message["pin"]), ("traceparent", call.message["traceparent"])):
                    if name not in connection._mayfly_names:
                        connection.putheader(name, value)
            return end_headers(connection, *args, **named)

        connection.putrequest, connection.putheader, connection.endheaders = note_request, note_header, add_fields

    def _is_own(self, connection):
        own = self._own
        if own is None or getattr(connection, "_mayfly_names", None) is None:
            return False
        secure = isinstance(connection, http.client.HTTPSConnection)
        host = connection.host.lower()
        host = "[%s]" % host if ":" in host and not host.startswith("[") else host
        named = connection._mayfly_names.get("host", host).lower()
        # A Host that names another machine than the one that is asked is no address.
        if named.rsplit(":", 1)[0] != host and named != host:
            return False
        port = "" if connection.port == (443 if secure else 80) else ":%d" % connection.port
        origin = "%s://%s%s" % ("https" if secure else "http", host, port)
        path = connection._mayfly_url
        at_host = origin in own["hosts"]
        # Which app is meant says the path before the host.
        if not path.startswith("/@"):
            return at_host
        name = path[2:].split("/", 1)[0].split("?", 1)[0]
        return (at_host or origin in own["gateways"]) and name == own["name"]


def _text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
