"""The `context` that Mayfly's own dialects hand to the author: what one wants to know and do about a call."""

import logging


class CallContext:
    """Attributes are named as in the other languages of Mayfly, in Python's way of writing."""

    log = logging.getLogger("mayfly")

    def __init__(self, call):
        self._call = call

    @property
    def request_id(self):
        """Names the call in logs and in `X-Mayfly-Request-Id`."""
        return self._call.message["id"]

    @property
    def release(self):
        """The release that the call belongs to."""
        return self._call.message["release"]

    @property
    def params(self):
        """Parameters of the route's pattern."""
        http = self._call.message.get("http")
        return {} if http is None else http["params"]

    @property
    def deadline(self):
        """When the call will be given up, ms since the epoch."""
        return self._call.message["deadline"]

    @property
    def traceparent(self):
        """W3C `traceparent` of the call, to be passed on."""
        return self._call.message["traceparent"]

    @property
    def cancelled(self):
        """Whether the client went away or the deadline passed."""
        return self._call.cancelled

    def get_remaining_time_in_millis(self):
        """ms that are left."""
        return max(0, int(self._call.remaining_ms()))
