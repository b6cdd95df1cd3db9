"""Answers made of returned values."""

import json

from .response_stream import InvalidResponse

JSON_TYPE = "application/json"


def send_json(value, respond):
    """The result of an event call: always JSON; nothing is `null`."""
    respond.whole(200, ["content-type", JSON_TYPE], to_json(value))


def to_json(value):
    """JSON text as JavaScript would write it. Raises InvalidResponse when JSON can't express the value."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text.encode()
        return text
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as thrown:
        raise InvalidResponse("JSON can not express the returned value: %s" % thrown) from thrown
