"""Gathers log lines into frames."""

import json
import threading
import time

from . import frames
from .limits import LOG_BATCH_CHARS_MAX, LOG_FLUSH_INTERVAL_MS, LOG_LINE_CHARS_MAX


class LogCollector:
    """
    Lines leave with the next frame of a call, or by themselves after a moment. A flood is cut: what does not fit is counted, and
    the next frame says how many lines are missing (its field `dropped`, which the platform adds up).
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._batch = []
        self._chars = 0
        self._dropped = 0
        self._waiting = threading.Event()

    def send_regularly(self, flush):
        """Calls `flush` some time after lines came that no call's frame has taken along; never returns."""
        while True:
            self._waiting.wait()
            time.sleep(LOG_FLUSH_INTERVAL_MS / 1000)
            self._waiting.clear()
            flush()

    def add(self, level, request_id, message, fields=None):
        """A line; `fields` is a dictionary that JSON can express, or None."""
        if self._chars >= LOG_BATCH_CHARS_MAX:
            self._drop()
            return
        line = {"time": int(time.time() * 1000), "level": level, "requestId": request_id, "message": _cut(message)}
        if fields is not None:
            line["fields"] = fields
        text = json.dumps(line)
        with self._lock:
            # One line alone always fits into a frame; several together only below the limit.
            fits = not self._batch or self._chars + len(text) <= LOG_BATCH_CHARS_MAX
            if fits:
                self._batch.append(text)
                self._chars += len(text)
            else:
                self._dropped += 1
        if not self._waiting.is_set():
            self._waiting.set()

    def take(self):
        """The frame with what was gathered, or None."""
        if not self._batch and not self._dropped:
            return None
        with self._lock:
            lines, dropped = self._batch, self._dropped
            self._batch, self._chars, self._dropped = [], 0, 0
        if dropped:
            lines.append(json.dumps(_notice(dropped)))
        return frames.encode(frames.LOG, 0, 0, ("[%s]" % ",".join(lines)).encode())

    def forget(self):
        """In a forked child: what was gathered is the parent's."""
        self.__init__()

    def _drop(self):
        with self._lock:
            self._dropped += 1


def fields_of(value):
    """The fields of a line as JSON can express them; None when it can't, or when they are too long for a line."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return None
    return json.loads(text) if len(text) <= LOG_LINE_CHARS_MAX else None


def _notice(dropped):
    message = "%d log lines dropped: too many at once." % dropped
    line = {"time": int(time.time() * 1000), "level": "warn", "requestId": None, "message": message}
    line["fields"] = {"dropped": dropped}
    return line


def _cut(message):
    if len(message) <= LOG_LINE_CHARS_MAX:
        return message
    cut_off = len(message) - LOG_LINE_CHARS_MAX
    return "%s … %d characters cut" % (message[:LOG_LINE_CHARS_MAX], cut_off)
