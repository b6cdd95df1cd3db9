"""What Nuclio's functions get besides the event; one for all calls of an instance."""

import logging

from .event import TriggerInfo
from .response import Response


class Context:
    """`user_data` is for what `init_context` makes."""

    Response = Response

    def __init__(self, logger=None, platform=None, worker_id=0, trigger=None):
        self.logger = logger or Logger()
        self.platform = platform
        self.user_data = _UserData()
        self.worker_id = worker_id
        self.trigger = trigger or TriggerInfo("http", "http", "default-http")
        self.trigger_name = self.trigger.name


class _UserData:
    """Attributes of the author's."""


class Logger:
    """`info("text %s", x)`, `info_with("text", field=1)`: fields of the line."""

    def __init__(self, level=logging.DEBUG, name="nuclio"):
        self._logger = logging.getLogger(name)
        self._logger.setLevel(level)
        self._bound = {}

    def bind(self, **fields):
        """Fields of all lines from now on."""
        self._bound.update(fields)

    def debug(self, message, *args):
        self._log(logging.DEBUG, message, args, {})

    def info(self, message, *args):
        self._log(logging.INFO, message, args, {})

    def warn(self, message, *args):
        self._log(logging.WARNING, message, args, {})

    warning = warn

    def error(self, message, *args):
        self._log(logging.ERROR, message, args, {})

    def debug_with(self, message, *args, **fields):
        self._log(logging.DEBUG, message, args, fields)

    def info_with(self, message, *args, **fields):
        self._log(logging.INFO, message, args, fields)

    def warn_with(self, message, *args, **fields):
        self._log(logging.WARNING, message, args, fields)

    warning_with = warn_with

    def error_with(self, message, *args, **fields):
        self._log(logging.ERROR, message, args, fields)

    def _log(self, level, message, args, fields):
        fields = {**self._bound, **fields}
        # A field of this name would be the record's own.
        taken = vars(logging.makeLogRecord({}))
        extra = {"with_" + name if name in taken or name in ("message", "asctime") else name: fields[name] for name in fields}
        self._logger.log(level, message, *args, extra=extra)
