"""The body of one call as it arrives."""

from . import frames

# Received bytes are acknowledged in portions, so that a credit frame is rare.
_CREDIT_PORTION_BYTES = frames.STREAM_WINDOW_BYTES // 4


class RequestAborted(ConnectionAbortedError):
    """Reading a body whose client has gone."""

    __module__ = "builtins"

    def __init__(self):
        super().__init__("The request was aborted: its client went away or its deadline passed.")


class RequestBody:
    """
    `read` takes the next part when it is there; bytes count as consumed, and more may come, when they are read. The link's thread
    pushes, the call's reads; `changed` is the call's condition.
    """

    def __init__(self, first, ended, changed, send_credit):
        self._parts = [first] if first else []
        self._ended = ended
        self._aborted = False
        self._uncredited = 0
        self._changed = changed
        self._send_credit = send_credit

    @property
    def empty(self):
        """Whether the whole body is here and has no byte left."""
        return self._ended and not self._parts

    def push(self, part, end):
        """Takes a part from the wire."""
        with self._changed:
            if self._ended:
                raise frames.ProtocolViolated("The body goes on after its end.")
            if part:
                self._parts.append(part)
            self._ended = end
            self._changed.notify_all()

    def abort(self):
        """No more will come: pending and later reads fail, unless all is here already."""
        with self._changed:
            self._aborted = not self._ended
            self._changed.notify_all()

    def take(self):
        """The next part, `b""` after the last, None when it has not arrived. Raises RequestAborted."""
        with self._changed:
            return self._take()

    def read(self):
        """Waits for the next part; `b""` after the last. Raises RequestAborted."""
        with self._changed:
            part = self._take()
            while part is None:
                self._changed.wait()
                part = self._take()
            return part

    def all(self):
        """Everything that is still to come, in one piece. Raises RequestAborted."""
        parts = []
        part = self.read()
        while part:
            parts.append(part)
            part = self.read()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _take(self):
        if self._aborted:
            raise RequestAborted()
        if not self._parts:
            return b"" if self._ended else None
        part = self._parts.pop(0)
        if not self._ended:
            self._uncredited += len(part)
            if self._uncredited >= _CREDIT_PORTION_BYTES:
                self._send_credit(self._uncredited)
                self._uncredited = 0
        return part
