"""`logging` as AWS's runtime prepares it."""

import logging

_FORMAT = "%(message)s"


def log_as_lambda():
    """
    The root logger has a handler from the beginning, so that `getLogger().setLevel(INFO)` is enough to see a line and
    `basicConfig` without `force` changes nothing: code for AWS relies on both. The platform's lines carry time, level and request id.
    """
    root = logging.getLogger()
    if root.handlers:
        return
    handler = type(logging.lastResort)(logging.lastResort.logs) if hasattr(logging.lastResort, "logs") else logging.StreamHandler()
    handler.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(handler)
