"""`context` of a function, and what its outputs are."""

import threading
from types import SimpleNamespace


class Context:
    """`func.Context`."""

    def __init__(self, call, name, directory, attempts=1):
        trace = call.message["traceparent"]
        self.invocation_id = call.message["id"]
        self.function_name = name
        self.function_directory = directory
        self.trace_context = SimpleNamespace(
            trace_parent=trace, Traceparent=trace, trace_state="", Tracestate="", attributes={}
        )
        self.retry_context = SimpleNamespace(retry_count=attempts - 1, max_retry_count=-1, exception=None)
        self.thread_local_storage = _LOCAL


_LOCAL = threading.local()


class Out:
    """`func.Out[str]`: what a function sets as an output."""

    def __init__(self):
        self._value = None

    def __class_getitem__(cls, _kind):
        return cls

    def set(self, val):
        """Sets it."""
        self._value = val

    def get(self):
        """What was set."""
        return self._value
