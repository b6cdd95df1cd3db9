"""CloudEvents as objects, for vendors whose functions get them so."""

import sys

from ..host_modules import new_module, provide_modules
from .event import CloudEvent, CloudEventInvalid
from .http_binding import from_http, from_json, is_binary, to_binary, to_dict, to_json, to_structured

_MISSING = 'put "cloudevents" into requirements.txt.'


def prepare_cloud_events():
    """Provides a small `cloudevents` where none is installed. Before the author's code is loaded."""
    names = {
        "CloudEvent": CloudEvent,
        "from_http": _from_http,
        "from_json": from_json,
        "from_dict": from_json,
        "is_binary": is_binary,
        "to_binary": to_binary,
        "to_dict": to_dict,
        "to_json": to_json,
        "to_structured": to_structured,
    }
    errors = ("GenericException", "MissingRequiredFields", "InvalidRequiredFields", "InvalidStructuredJSON")
    provide_modules(
        {
            "cloudevents.http": new_module("cloudevents.http", names, _MISSING),
            "cloudevents.http.event": new_module("cloudevents.http.event", {"CloudEvent": CloudEvent}, _MISSING),
            "cloudevents.conversion": new_module("cloudevents.conversion", names, _MISSING),
            "cloudevents.exceptions": new_module("cloudevents.exceptions", dict.fromkeys(errors, CloudEventInvalid), _MISSING),
        },
        instead=False,
    )


def new_event(attributes, data):
    """An event of the class that the author's code knows: that of the package where it is loaded, else the guest's."""
    module = sys.modules.get("cloudevents.http")
    return getattr(module, "CloudEvent", CloudEvent)(attributes, data)


def is_cloud_event(value):
    """Whether a value is an event of either class."""
    return hasattr(value, "get_attributes") and hasattr(value, "get_data")


def _from_http(*given, **named):
    """`from_http(headers, data)` and `from_http(CloudEvent, headers, data)`."""
    attributes, data = from_http(*(given[1:] if given and isinstance(given[0], type) else given)[:2], **named)
    return CloudEvent(attributes, data)
