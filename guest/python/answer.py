"""Answers of functions that answer everything as HTTP, events too."""

from collections import namedtuple

from .header_fields import add_default_header, header_in
from .response_stream import InvalidResponse
from .result import JSON_TYPE, to_json

TEXT_TYPE = "text/plain; charset=utf-8"
# As much of an answer as is repeated in an error.
_REFUSAL_BYTES_MAX = 512

# A complete answer: headers are a flat list, the body is bytes, text or None.
Answer = namedtuple("Answer", "status headers body")


def json_answer(value):
    """The result of a plain invocation: its JSON."""
    return Answer(200, ["content-type", JSON_TYPE], to_json(value))


def send_answer(answer, call, respond):
    """Sends an answer; an event fails when the status is no success."""
    status, headers, body = answer
    if call.message.get("http") is not None:
        respond.whole(status, headers, body)
        return
    if isinstance(body, str):
        add_default_header(headers, "content-type", TEXT_TYPE)
    kept = EventAnswer()
    kept.whole(status, headers, body)
    kept.give_to(respond)


def refuse(respond, why, status=400):
    """Says that the request is wrong, not the function."""
    respond.whole(status, ["content-type", TEXT_TYPE], why + "\n")


def status_from(value, otherwise):
    """A status as authors write it, a number or text. Raises InvalidResponse."""
    if value is None:
        return otherwise
    try:
        return int(value)
    except (TypeError, ValueError):
        raise InvalidResponse("The status %r is no number." % (value,)) from None


class EventRefused(Exception):
    """The function answered an event with a status that is no success."""

    __module__ = "builtins"


class EventAnswer:
    """Keeps an HTTP answer to an event until its status says whether it is a result or a failure; as a ResponseStream."""

    def __init__(self):
        self._status = 0
        self._headers = []
        self._parts = []
        self.ended = False

    @property
    def begun(self):
        """A head was given."""
        return self._status > 0

    def whole(self, status, headers, body=None):
        """The complete answer."""
        self.head(status, headers)
        if body:
            self._parts.append(body.encode() if isinstance(body, str) else bytes(body))
        self.ended = True

    def head(self, status, headers):
        """Status and headers."""
        self._status, self._headers = status, headers

    def put(self, part):
        """A part of the body."""
        self._parts.append(bytes(part))

    write = put

    def pump(self):
        """Nothing waits."""
        return True

    def finish(self):
        """Nothing waits."""

    def end(self):
        """The body is complete."""
        self.ended = True

    def give_to(self, respond):
        """Gives the result of the event. Raises EventRefused when the status is no success."""
        body = b"".join(self._parts)
        if self._status >= 300:
            text = body[:_REFUSAL_BYTES_MAX].decode("utf-8", "replace")
            raise EventRefused("The function answered the event with status %d%s" % (self._status, text and ": " + text))
        kind = header_in(self._headers, "content-type") or "application/octet-stream"
        respond.whole(200, ["content-type", kind], body)
