"""One call while it runs."""

import contextvars
import threading
import time

from . import frames
from .request_body import RequestBody
from .response_stream import ResponseStream

# The call whose code is running now.
current_call = contextvars.ContextVar("mayfly_call", default=None)


class Call:
    """
    `message` is the InvokeMessage of src/contract/guest-messages.ts; `body` is read, `response` written by the thread that
    serves the call, while the link's thread brings parts, credit and cancellation.
    """

    def __init__(self, stream, message, first, ended, send):
        self.stream = stream
        self.message = message
        self.cancelled = False
        self.cpu_start = 0.0
        # Gives its thread back for the next call; called right before the last frame.
        self.release = None
        self.changed = threading.Condition()
        self.body = RequestBody(
            first,
            ended,
            self.changed,
            lambda count: send(frames.encode_u32(frames.CREDIT, stream, count)),
        )
        self.response = ResponseStream(stream, send, self.changed)
        self._listeners = []

    @property
    def id(self):
        """The request id."""
        return self.message["id"]

    def cancel(self):
        """The client went away or the deadline passed; whatever is answered now is dropped."""
        self.cancelled = True
        self.response.discard()
        self.body.abort()
        self.notify()

    def listen(self, listener):
        """Calls back, on the link's thread, whenever body, credit or cancellation came: for code that may not wait."""
        self._listeners.append(listener)

    def notify(self):
        """Something came from the platform."""
        for listener in list(self._listeners):
            listener()

    def remaining_ms(self):
        """ms that are left until the call is given up; may be negative."""
        return self.message["deadline"] - time.time() * 1000


def request_id():
    """Id of the call whose code is running now, or None."""
    call = current_call.get()
    message = None if call is None else call.message
    return message.get("id") if isinstance(message, dict) else None
