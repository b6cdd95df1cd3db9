"""Ends a drained process."""

import atexit
import signal
import threading

from .exits import end_process
from .failure import describe
from .limits import SHUTDOWN_MS_MAX


def shut_down(handler, channel, logs):
    """
    Tells the handler, a signal handler for SIGTERM (the way servers and libraries learn that it is time to go) and what was registered with
    `atexit`; then ends with 0. All of it may take a moment, no longer. On the main thread.
    """

    def end():
        channel.send_last_words(b"")
        end_process(0)

    timer = threading.Timer(SHUTDOWN_MS_MAX / 1000, end)
    timer.daemon = True
    timer.start()
    for step in (lambda: handler is not None and handler.shutdown(), _tell_signal_handler, atexit._run_exitfuncs):
        try:
            step()
        except SystemExit:
            break
        except BaseException as thrown:
            logs.add("error", None, describe(thrown)["stack"])
    end()


def _tell_signal_handler():
    listener = signal.getsignal(signal.SIGTERM)
    if callable(listener):
        listener(signal.SIGTERM, None)
