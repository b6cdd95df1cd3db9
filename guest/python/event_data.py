"""The data of events by its content type."""

import json
import re

_JSON_TYPE = re.compile(r"[^;]*[/+]json\s*(;|\Z)", re.IGNORECASE)
_TEXT_TYPE = re.compile(r"(text/|application/(xml|javascript|x-www-form-urlencoded)|[^;]*\+xml)", re.IGNORECASE)


def parse_data(call):
    """
    The data of an event call: parsed when JSON, text when text, else bytes; None when there is none. Data without a type is
    JSON, as the CloudEvents specification has it. Raises ValueError when data that claims to be JSON is not.
    """
    kind = call.message["event"].get("datacontenttype")
    return parse_body(call.body.all(), kind if isinstance(kind, str) else "application/json")


def parse_body(body, content_type):
    """A body by its content type, as `parse_data` says."""
    if not body:
        return None
    if _JSON_TYPE.match(content_type):
        return json.loads(body)
    return body.decode("utf-8", "replace") if _TEXT_TYPE.match(content_type) else body


def is_json_type(content_type):
    """Whether a body of this type is JSON."""
    return _JSON_TYPE.match(content_type) is not None


def is_text(body, content_type):
    """Whether a body of this type is text; without a type, whether its bytes are valid UTF-8."""
    if content_type:
        return bool(_JSON_TYPE.match(content_type) or _TEXT_TYPE.match(content_type))
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
