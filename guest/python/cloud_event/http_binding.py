"""CloudEvents over HTTP, in binary and structured mode."""

import base64
import json
from urllib.parse import quote, unquote

from ..result import to_json as json_text
from .event import REQUIRED, CloudEvent, CloudEventInvalid

STRUCTURED_TYPE = "application/cloudevents+json"
_SAFE = "!#$&'()*+,/:;=?@-._~"


def is_binary(headers):
    """Whether headers, a mapping, tell the attributes of an event."""
    return any(name.lower() == "ce-specversion" for name in headers.keys())


def from_http(headers, data, data_unmarshaller=None):
    """`(attributes, data)` of the event that a request brings. Raises CloudEventInvalid when it brings none."""
    named = {name.lower(): value for name, value in headers.items()}
    read = data_unmarshaller or _json_or_as_it_is
    if "ce-specversion" in named:
        attributes = {name[3:]: unquote(value) for name, value in named.items() if name.startswith("ce-")}
        if "content-type" in named:
            attributes["datacontenttype"] = named["content-type"]
        content = read(data) if data else None
    else:
        attributes, content = _structured(data, read)
    missing = [name for name in REQUIRED if not attributes.get(name)]
    if missing:
        raise CloudEventInvalid("Missing required attributes: %s" % ", ".join(missing))
    return attributes, content


def from_json(text, data_unmarshaller=None):
    """The event of a JSON text, or of a dictionary."""
    text = json.dumps(text) if isinstance(text, dict) else text
    return CloudEvent(*_structured(text, data_unmarshaller or _json_or_as_it_is))


def to_dict(event):
    """The event with its data, as JSON has it."""
    attributes, data = event.get_attributes(), event.get_data()
    if data is None:
        return attributes
    if isinstance(data, (bytes, bytearray)):
        return {**attributes, "data_base64": base64.b64encode(data).decode()}
    return {**attributes, "data": data}


def to_json(event, data_marshaller=None):
    """The event as bytes of JSON."""
    return json_text(to_dict(event)).encode()


def to_structured(event, data_marshaller=None):
    """Headers and body."""
    return {"content-type": STRUCTURED_TYPE}, to_json(event)


def to_binary(event, data_marshaller=None):
    """Headers and body."""
    attributes, data = event.get_attributes(), event.get_data()
    headers = {"content-type": attributes.get("datacontenttype") or "application/json"}
    for name, value in attributes.items():
        if name != "datacontenttype" and value is not None:
            headers["ce-" + name] = quote(str(value), safe=_SAFE)
    if data is None:
        return headers, b""
    return headers, bytes(data) if isinstance(data, (bytes, bytearray)) else json_text(data).encode()


def _structured(text, read):
    try:
        event = json.loads(text)
    except (TypeError, ValueError) as thrown:
        raise CloudEventInvalid("The body is no CloudEvent: %s" % thrown) from None
    if not isinstance(event, dict):
        raise CloudEventInvalid("The body is no CloudEvent.")
    coded = event.pop("data_base64", None)
    data = event.pop("data", None)
    if coded is not None:
        data = read(base64.b64decode(coded))
    return event, data


def _json_or_as_it_is(data):
    try:
        return json.loads(data)
    except (TypeError, ValueError):
        return data
