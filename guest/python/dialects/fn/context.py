"""`ctx`."""

from types import SimpleNamespace

from .headers import http_headers


class InvokeContext:
    """What a function gets besides its input; methods are named as the FDK names them."""

    def __init__(self, config, headers):
        self._config = config
        self._headers = headers
        self._response_headers = {}

    def AppID(self):
        return self._config.get("FN_APP_ID")

    def AppName(self):
        return self._config.get("FN_APP_NAME")

    def FnID(self):
        return self._config.get("FN_FN_ID")

    def FnName(self):
        return self._config.get("FN_FN_NAME")

    def CallID(self):
        return self._headers["fn-call-id"]

    def Config(self):
        """The function's variables."""
        return self._config

    def Headers(self):
        """All that Fn tells, by names in lower case; of an HTTP call its headers stand there without their prefix, too."""
        return {**http_headers(self._headers), **self._headers}

    def HTTPHeaders(self):
        """Those of the HTTP request."""
        return http_headers(self._headers)

    def Format(self):
        return self._config.get("FN_FORMAT")

    def Deadline(self):
        """ISO 8601."""
        return self._headers["fn-deadline"]

    def RequestURL(self):
        return self._headers.get("fn-http-request-url")

    def Method(self):
        return self._headers.get("fn-http-method")

    def TracingContext(self):
        """OCI's tracing is off."""
        return SimpleNamespace(is_tracing_enabled=lambda: False)

    def SetResponseHeaders(self, headers, status_code):
        """Headers of the answer; several values of one are a list."""
        self._response_headers.update({str(name).lower(): value for name, value in (headers or {}).items()})
        if status_code is not None:
            self._response_headers["fn-http-status"] = str(status_code)

    def GetResponseHeaders(self):
        return self._response_headers
