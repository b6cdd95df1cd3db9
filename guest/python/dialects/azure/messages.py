"""What triggers that are no requests give to functions."""

import io
import json
from collections import UserDict, UserList
from datetime import datetime


class Message:
    """A body, and what is known about it; None where nothing is."""

    def __init__(self, *, id=None, body=None, **about):
        self.id = id
        self._body = b"" if body is None else body.encode() if isinstance(body, str) else bytes(body)
        self.__dict__.update(about)

    def get_body(self):
        """Bytes."""
        return self._body

    def get_json(self):
        """The body, parsed. Raises ValueError."""
        return json.loads(self._body)

    def __getattr__(self, name):
        if name in self._KNOWN:
            return None
        raise AttributeError(name)

    _KNOWN = ()


class QueueMessage(Message):
    """`func.QueueMessage`."""

    _KNOWN = ("dequeue_count", "expiration_time", "insertion_time", "time_next_visible", "pop_receipt")


class ServiceBusMessage(Message):
    """`func.ServiceBusMessage`."""

    _KNOWN = (
        "message_id",
        "delivery_count",
        "content_type",
        "correlation_id",
        "enqueued_time_utc",
        "expires_at_utc",
        "label",
        "lock_token",
        "metadata",
        "partition_key",
        "reply_to",
        "reply_to_session_id",
        "scheduled_enqueue_time_utc",
        "sequence_number",
        "session_id",
        "subject",
        "time_to_live",
        "to",
        "user_properties",
        "application_properties",
    )


class EventHubEvent(Message):
    """`func.EventHubEvent`."""

    _KNOWN = ("enqueued_time", "partition_key", "sequence_number", "offset", "iothub_metadata", "metadata", "trigger_metadata")


class KafkaEvent(Message):
    """`func.KafkaEvent`."""

    _KNOWN = ("key", "offset", "partition", "topic", "timestamp", "headers", "metadata")


class EventGridEvent:
    """`func.EventGridEvent`."""

    def __init__(self, *, id, data, topic, subject, event_type, event_time, data_version):
        self.id = id
        self._data = data
        self.topic = topic
        self.subject = subject
        self.event_type = event_type
        self.event_time = event_time
        self.data_version = data_version

    def get_json(self):
        """The data."""
        return self._data


class EventGridOutputEvent(EventGridEvent):
    """`func.EventGridOutputEvent`."""

    def __init__(self, *, id, data, subject, event_type, event_time, data_version, topic=None):
        named = {"subject": subject, "event_type": event_type, "event_time": event_time, "data_version": data_version}
        super().__init__(id=id, data=data, topic=topic, **named)


class TimerRequest:
    """`func.TimerRequest`."""

    def __init__(self, *, past_due=False, schedule_status=None, schedule=None):
        self.past_due = past_due
        self.schedule_status = schedule_status or {}
        self.schedule = schedule or {}


class InputStream(io.BufferedIOBase):
    """`func.InputStream`: a blob."""

    def __init__(self, *, data, name=None, uri=None, length=None, blob_properties=None, metadata=None):
        super().__init__()
        self._io = io.BytesIO(data)
        self.name = name
        self.uri = uri
        self.length = len(data) if length is None else length
        self.blob_properties = blob_properties or {}
        self.metadata = metadata or {}

    def read(self, size=-1):
        return self._io.read(size)

    def readable(self):
        return True

    def seekable(self):
        return False


class Document(UserDict):
    """`func.Document`."""

    from_dict = classmethod(lambda cls, told: cls(told))
    from_json = classmethod(lambda cls, text: cls(json.loads(text)))

    def to_json(self):
        """The document as a text."""
        return json.dumps(self.data)

    def to_dict(self):
        """The document as a dictionary."""
        return dict(self.data)


class DocumentList(UserList):
    """`func.DocumentList`."""


class SqlRow(Document):
    """`func.SqlRow`."""


class SqlRowList(UserList):
    """`func.SqlRowList`."""


def moment(text):
    """A time that is told as a text; None when it is none."""
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
