"""A raised exception in words."""

import os
import traceback

from .limits import FAILURE_MESSAGE_CHARS_MAX, FAILURE_NAME_CHARS_MAX, FAILURE_STACK_CHARS_MAX

_GUEST = os.path.dirname(os.path.abspath(__file__)) + os.sep
_CAUSES_MAX = 5


class HandlerUnusable(Exception):
    """What the configuration names as the handler can't serve calls."""

    # Tracebacks that authors read name it without the guest's module.
    __module__ = "builtins"


def describe(thrown):
    """`name`, `message` and `stack` (without the guest's own frames, with causes); never raises, even when the exception does."""
    return {
        "name": type(thrown).__name__[:FAILURE_NAME_CHARS_MAX],
        "message": _message_of(thrown)[:FAILURE_MESSAGE_CHARS_MAX],
        "stack": _stack_of(thrown)[:FAILURE_STACK_CHARS_MAX],
    }


def _message_of(thrown):
    try:
        return str(thrown)
    except BaseException:
        return "An exception that can not be described."


def _stack_of(thrown):
    try:
        told = traceback.TracebackException(type(thrown), thrown, thrown.__traceback__)
        part, depth = told, 0
        while part is not None and depth < _CAUSES_MAX:
            part.stack = traceback.StackSummary.from_list(_without_guest(part.stack))
            part, depth = part.__cause__ or part.__context__, depth + 1
        return "".join(told.format()).rstrip("\n")
    except BaseException:
        return "%s: %s" % (type(thrown).__name__, _message_of(thrown))


def _without_guest(frames):
    """Import machinery between the guest and the author's code is no news either."""
    own = [frame for frame in frames if not frame.filename.startswith(_GUEST)]
    while own and own[0].filename.startswith("<frozen importlib") or own and "/importlib/" in own[0].filename:
        del own[0]
    return own
