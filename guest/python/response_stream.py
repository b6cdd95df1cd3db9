"""The answer of one call on its way out."""

import json
import re

from . import frames

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_NOT_FIELD_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


class InvalidResponse(Exception):
    """What the handler gave back is no valid response: reported as RESPONSE_INVALID instead of FUNCTION_THREW."""

    __module__ = "builtins"


class ResponseStream:
    """
    How a dialect answers a call: once `whole`, or `head`, any number of `write`s, `end`.

        fresh ──head──► open ──end──► ended ──settle──► settled
          └────────── whole ────────────┘

    A head waits for the first part of the body, and what `whole` was given for the call to settle, so that a small answer is one
    frame. Everything raises InvalidResponse when it comes out of order or with something that HTTP can't carry.
    `write` waits while the client is slow; code that may not wait puts parts with `put` and sends them with `pump`. Parts
    for a client that has gone are dropped.
    """

    def __init__(self, stream, send, changed):
        self._stream = stream
        self._send = send
        self._changed = changed
        self._state = "fresh"
        self._head = None
        self._parts = []
        self._window = frames.STREAM_WINDOW_BYTES
        self._end_sent = False
        self._discarding = False

    @property
    def begun(self):
        """A head was given: an error can no longer become a status."""
        return self._state != "fresh"

    @property
    def ended(self):
        """The answer is complete."""
        return self._state in ("ended", "settled")

    def whole(self, status, headers, body=None):
        """The complete answer. Headers are a flat list of names and values; the body is bytes or text."""
        data = body.encode() if isinstance(body, str) else body or b""
        # What does not fit into one frame would otherwise look like a stream of unknown length.
        if len(data) > frames.CHUNK_BYTES_MAX and not names(headers, "content-length"):
            headers = [*headers, "content-length", str(len(data))]
        self.head(status, headers)
        if data and not self._discarding:
            self._parts.append(memoryview(data))
        self._state = "ended"

    def head(self, status, headers):
        """Status and headers; they leave with the first part of the body."""
        if self._state != "fresh":
            raise InvalidResponse("A second head for one call.")
        self._head = _head_json(status, headers)
        self._state = "open"

    def put(self, part):
        """A part of the body, to be sent by `pump`."""
        if self._state != "open":
            early = self._state == "fresh"
            raise InvalidResponse("A body part came %s." % ("before the head" if early else "after the end"))
        if part and not self._discarding:
            self._parts.append(memoryview(part).cast("B"))

    def write(self, part):
        """Sends a part of the body, at the client's pace."""
        self.put(part)
        self.finish()

    def end(self):
        """The body is complete."""
        if self._state != "open":
            early = self._state == "fresh"
            raise InvalidResponse("The response ended %s." % ("before its head" if early else "twice"))
        self._state = "ended"

    def finish(self):
        """Sends all that was given so far, waiting while the client is slow."""
        while not self.pump():
            with self._changed:
                while self._window <= 0 and not self._discarding:
                    self._changed.wait()

    def pump(self):
        """Sends what may be sent now. False: the window is full, and parts wait."""
        if self._discarding:
            self._parts.clear()
        while self._parts and self._window > 0:
            self._emit(self._next(), -1)
        if self._parts:
            return False
        self._emit(b"", -1)
        return True

    def settle(self, cpu_us):
        """The call is over: sends the rest, waiting while the client is slow; the last frame says so."""
        while self._parts and not self._discarding and not self._last_fits():
            self._emit(self._next(), -1) if self._window > 0 else self._await_window()
        if self._discarding:
            self._parts.clear()
        body = self._next() if self._parts else b""
        self._emit(body, cpu_us())

    def abandon(self):
        """Ends the stream without a word: an ERROR frame is sent."""
        self._state = "settled"
        self._parts.clear()

    def credit(self, count):
        """The platform took `count` bytes of the body. On the link's thread."""
        with self._changed:
            self._window += count
            self._changed.notify_all()

    def discard(self):
        """Nobody reads this answer any more: drop its body, send only the frames that the protocol wants."""
        with self._changed:
            self._discarding = True
            self._changed.notify_all()

    def _last_fits(self):
        return len(self._parts) == 1 and len(self._parts[0]) <= min(frames.CHUNK_BYTES_MAX, self._window)

    def _await_window(self):
        with self._changed:
            while self._window <= 0 and not self._discarding:
                self._changed.wait()

    def _next(self):
        """Takes what fits into a frame and the window."""
        part = self._parts[0]
        size = min(len(part), frames.CHUNK_BYTES_MAX, self._window)
        with self._changed:
            self._window -= size
        if size == len(part):
            del self._parts[0]
            return part
        self._parts[0] = part[size:]
        return part[:size]

    def _emit(self, body, cpu_us):
        """One frame with what is due: the head, a body part, END, DONE. Nothing when nothing is due."""
        ends = self._state == "ended" and not self._parts and not self._end_sent
        if not body and self._head is None and not ends and cpu_us < 0:
            return
        flags = frames.FLAG_END if ends else 0
        if self._head is not None:
            head, self._head = self._head, None
            frame = frames.encode_meta(frames.HEAD, flags, self._stream, head, body, cpu_us)
        elif body or ends:
            frame = frames.encode_chunk(flags, self._stream, body, cpu_us)
        else:
            frame = frames.encode_u32(frames.DONE, self._stream, cpu_us)
        self._end_sent = self._end_sent or ends
        if cpu_us >= 0:
            self._state = "settled"
        self._send(frame)


def names(headers, field):
    """Whether a flat list of headers has this one; `field` in lower case."""
    return any(name.lower() == field for name in headers[::2])


def _head_json(status, headers):
    if type(status) is not int or not 200 <= status <= 599:
        raise InvalidResponse("The status %r is not a whole number from 200 to 599." % (status,))
    for at in range(0, len(headers), 2):
        name = headers[at]
        if not isinstance(name, str) or _TOKEN.match(name) is None:
            raise InvalidResponse("The header name %r is not valid." % (name,))
        value = headers[at + 1]
        if not isinstance(value, str) or _NOT_FIELD_VALUE.search(value) is not None:
            raise InvalidResponse("The value of the header %s is not valid." % name)
    return json.dumps({"status": status, "headers": list(headers)}).encode()
