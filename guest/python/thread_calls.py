"""Threads belong to the call that starts them."""

import concurrent.futures
import threading

from .call import current_call


def carry_calls():
    """
    What a call's code starts in a thread, or hands to a pool of threads, runs as part of that call: its lines carry the request id.
    Before Python 3.14 a thread begins with an empty context; of the context only the call is handed on.
    """
    start = threading.Thread.start
    submit = concurrent.futures.ThreadPoolExecutor.submit

    def start_in_call(thread):
        call = current_call.get()
        if call is not None:
            run = thread.run
            thread.run = lambda: _run_in(call, run)
        return start(thread)

    def submit_in_call(pool, fn, /, *args, **named):
        call = current_call.get()
        if call is None:
            return submit(pool, fn, *args, **named)
        return submit(pool, _run_in, call, fn, *args, **named)

    threading.Thread.start = start_in_call
    concurrent.futures.ThreadPoolExecutor.submit = submit_in_call


def _run_in(call, fn, *args, **named):
    token = current_call.set(call)
    try:
        return fn(*args, **named)
    finally:
        current_call.reset(token)
