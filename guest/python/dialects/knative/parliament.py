"""`parliament`, the package that Knative's functions import."""

import functools
from collections.abc import Mapping

from ...cloud_event import is_cloud_event, new_event
from ...host_modules import new_module


class Context(Mapping):
    """What `main` gets. It may also be looked at like a dictionary of what is there."""

    def __init__(self, request):
        self.request = request
        self.cloud_event = None

    def _there(self):
        return {name: value for name, value in vars(self).items() if value is not None}

    def __getitem__(self, name):
        return self._there()[name]

    def __iter__(self):
        return iter(self._there())

    def __len__(self):
        return len(self._there())


def event(function=None, *, event_type="parliament.response", event_source="/parliament/function"):
    """Makes a CloudEvent of what a function gives."""

    def decorate(inner):
        @functools.wraps(inner)
        def wrapped(*given, **named):
            data = inner(*given, **named)
            return data if is_cloud_event(data) else new_event({"type": event_type, "source": event_source}, data)

        return wrapped

    return decorate if function is None else decorate(function)


PARLIAMENT = new_module("parliament", {"Context": Context, "event": event}, "the platform serves the function itself")
