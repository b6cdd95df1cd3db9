"""Runs coroutines of the author's, all in one event loop: what belongs to a loop (clients, pools) stays usable from call to call."""

import asyncio
import threading
from inspect import isawaitable

_loop = None
_lock = threading.Lock()


def event_loop():
    """The loop, which runs on a thread of its own from the first use on."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="mayfly-event-loop", daemon=True).start()
    return _loop


def finish(coroutine):
    """Runs a coroutine to its end, waiting, as part of the call whose code runs now; returns what it returns, raises what it raises."""
    loop = event_loop()
    return asyncio.run_coroutine_threadsafe(_awaited(coroutine), loop).result()


def finish_if_awaitable(result):
    """What a function gave, or, of a coroutine function, what its coroutine gives."""
    return finish(result) if isawaitable(result) else result


async def _awaited(awaitable):
    return await awaitable
