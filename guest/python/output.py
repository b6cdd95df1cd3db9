"""Turns everything that code prints and logs into log lines of the call that did it."""

import io
import logging
import os
import sys
import threading

from .call import request_id
from .limits import LOG_LINE_CHARS_MAX
from .log_collector import fields_of

# What every record has: the rest are fields that the author gave (`extra=`).
_RECORD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LineStream(io.TextIOBase):
    """Stands for a standard stream: its lines become log lines. A line belongs to the call that wrote its end."""

    encoding = "utf-8"
    errors = "replace"
    line_buffering = True

    def __init__(self, logs, level, fd):
        super().__init__()
        self._logs = logs
        self._level = level
        self._fd = fd
        self._rest = threading.local()
        self.name = "<stdout>" if fd == 1 else "<stderr>"
        self.buffer = _LineBuffer(self)

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        rest = getattr(self._rest, "text", "") + text
        if "\n" in text:
            *lines, rest = rest.split("\n")
            for line in lines:
                self._logs.add(self._level, request_id(), line)
        if len(rest) > LOG_LINE_CHARS_MAX:
            self._logs.add(self._level, request_id(), rest)
            rest = ""
        self._rest.text = rest
        return len(text)

    def finish_line(self):
        """A call is over: what it wrote without an end of line is a line."""
        rest = getattr(self._rest, "text", "")
        if rest:
            self._rest.text = ""
            self._logs.add(self._level, request_id(), rest)

    def log(self, level, message, fields):
        """A record of `logging` that a handler of the author's writes to this stream: its level is kept."""
        self._logs.add(level, request_id(), message, fields)

    def writable(self):
        return True

    def fileno(self):
        return self._fd

    def isatty(self):
        return False

    def reconfigure(self, **_settings):
        """As the real one has; there is nothing to set."""

    def detach(self):
        raise io.UnsupportedOperation("detach")

    def close(self):
        """The platform's lines go on."""


class _LineBuffer(io.RawIOBase):
    """`sys.stdout.buffer`: bytes that are text."""

    def __init__(self, stream):
        super().__init__()
        self._stream = stream

    def writable(self):
        return True

    def write(self, data):
        self._stream.write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def fileno(self):
        return self._stream.fileno()

    def close(self):
        """The platform's lines go on."""


class LineHandler(logging.Handler):
    """Writes records as lines with their level and with the fields of `extra=`."""

    def __init__(self, logs):
        super().__init__()
        self._logs = logs

    def emit(self, record):
        try:
            self._logs.add(level_of(record), request_id(), self.format(record), _extra_of(record))
        except Exception:
            self.handleError(record)


class Output:
    """The standard streams and `logging` of this process."""

    def __init__(self, logs):
        self.logs = logs
        self.stdout = LineStream(logs, "info", 1)
        self.stderr = LineStream(logs, "error", 2)

    def install(self):
        """
        The root logger has a handler from the beginning: records are lines with their level, and `getLogger().setLevel(INFO)` is
        enough to see more of them. `basicConfig` of the author's replaces it. A handler of theirs for a standard stream writes
        lines in its own format with the record's level.
        """
        sys.stdout = sys.__stdout__ = self.stdout
        sys.stderr = sys.__stderr__ = self.stderr
        own = LineHandler(self.logs)
        logging.root.addHandler(own)
        configure, emit = logging.basicConfig, logging.StreamHandler.emit

        def replace_handler(**settings):
            if settings and logging.root.handlers == [own]:
                logging.root.removeHandler(own)
            configure(**settings)

        def emit_line(handler, record):
            stream = handler.stream
            if not isinstance(stream, LineStream):
                emit(handler, record)
                return
            try:
                stream.log(level_of(record), handler.format(record), _extra_of(record))
            except Exception:
                handler.handleError(record)

        logging.basicConfig, logging.StreamHandler.emit = replace_handler, emit_line

    def finish_lines(self):
        """A call's code has run."""
        self.stdout.finish_line()
        self.stderr.finish_line()

    def uninstall(self):
        """In a forked child: it writes to the descriptors themselves."""
        sys.stdout = sys.__stdout__ = open(os.dup(1), "w", buffering=1, encoding="utf-8", errors="replace")
        sys.stderr = sys.__stderr__ = open(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")


def level_of(record):
    """Python's levels in the platform's four."""
    number = record.levelno
    if number < logging.INFO:
        return "debug"
    if number < logging.WARNING:
        return "info"
    return "warn" if number < logging.ERROR else "error"


def _extra_of(record):
    extra = {name: value for name, value in vars(record).items() if name not in _RECORD_ATTRIBUTES}
    return fields_of(extra) if extra else None
