"""One CloudEvent."""

import uuid
from datetime import datetime, timezone

REQUIRED = ("id", "source", "type", "specversion")


class CloudEventInvalid(ValueError):
    """An attribute that the specification requires is missing, or the text is no event."""


class CloudEvent:
    """As the SDK for Python has it: `event["type"]`, `event.data`. Raises CloudEventInvalid when source or type is missing."""

    def __init__(self, attributes, data=None):
        self._attributes = {str(name).lower(): value for name, value in dict(attributes).items()}
        self.data = data
        self._attributes.setdefault("specversion", "1.0")
        self._attributes.setdefault("id", str(uuid.uuid4()))
        self._attributes.setdefault("time", datetime.now(timezone.utc).isoformat())
        missing = [name for name in REQUIRED if not self._attributes.get(name)]
        if missing:
            raise CloudEventInvalid("Missing required attributes: %s" % ", ".join(missing))

    @classmethod
    def create(cls, attributes, data):
        """As the constructor."""
        return cls(attributes, data)

    def get_attributes(self):
        """All attributes, extensions too."""
        return dict(self._attributes)

    def get_data(self):
        """The data."""
        return self.data

    def get(self, key, default=None):
        """An attribute."""
        return self._attributes.get(key, default)

    def __getitem__(self, key):
        return self._attributes[key]

    def __setitem__(self, key, value):
        self._attributes[key] = value

    def __delitem__(self, key):
        del self._attributes[key]

    def __iter__(self):
        return iter(self._attributes)

    def __len__(self):
        return len(self._attributes)

    def __contains__(self, key):
        return key in self._attributes

    def __eq__(self, other):
        return isinstance(other, CloudEvent) and vars(self) == vars(other)

    __hash__ = None

    def __repr__(self):
        return str({"attributes": self._attributes, "data": self.data})
