"""What an event is to the trigger that it starts."""

from collections import namedtuple

from ...event_data import parse_data
from ...result import to_json
from .messages import (
    Document,
    DocumentList,
    EventGridEvent,
    EventHubEvent,
    InputStream,
    KafkaEvent,
    QueueMessage,
    ServiceBusMessage,
    SqlRow,
    SqlRowList,
    TimerRequest,
    moment,
)

# One run of a function; `message_id` names the message that it brings, when it is one of a batch.
Run = namedtuple("Run", "value message_id attempts")

_LISTS = {"cosmosdbtrigger": (DocumentList, Document), "sqltrigger": (SqlRowList, SqlRow), "mysqltrigger": (SqlRowList, SqlRow)}


def runs_of(trigger, call, wanted):
    """
    A timer's state, a message, a blob, or the event itself; `wanted` is the class that the function's parameter is declared
    as: text and bytes are given as such. A batch of messages is a run for each, but one for all where the trigger asks for
    many (`cardinality`).
    """
    event, kind = call.message["event"], trigger["type"].lower()
    if kind == "blobtrigger":
        return [Run(_blob(event, call.body.all(), wanted), None, 1)]
    data = parse_data(call)
    if event.get("type") == "mayfly.queue":
        return _batch(trigger, kind, data, wanted)
    return [Run(_single(kind, event, data, call.message["id"], wanted), None, 1)]


def _single(kind, event, data, call_id, wanted):
    if kind == "timertrigger":
        return _timer(event, data)
    if wanted in (str, bytes):
        return _plain(data, wanted)
    if kind == "eventgridtrigger":
        return EventGridEvent(
            id=str(event.get("id") or call_id),
            data=data,
            topic=event.get("source"),
            subject=event.get("subject"),
            event_type=event.get("type"),
            event_time=moment(event.get("time")),
            data_version=event.get("dataversion") or "1.0",
        )
    if kind in _LISTS:
        many, one = _LISTS[kind]
        rows = data if isinstance(data, list) else [] if data is None else [data]
        return many([one(row) if isinstance(row, dict) else row for row in rows])
    about = {"attempts": 1, "timestamp": event.get("time")}
    return _message(kind, str(event.get("id") or call_id), data, about)


def _timer(event, data):
    told = data if isinstance(data, dict) else {}
    due = told.get("scheduledTime") or event.get("time")
    status = {"Last": due, "Next": due, "LastUpdated": due}
    return TimerRequest(past_due=bool(told.get("isPastDue")), schedule_status=status, schedule={"AdjustForDST": True})


def _batch(trigger, kind, data, wanted):
    messages = data.get("messages") if isinstance(data, dict) else None
    runs = []
    for message in messages or []:
        attempts = message.get("attempts") or 1
        body = message.get("body")
        about = {"attempts": attempts, "timestamp": message.get("timestamp")}
        value = _plain(body, wanted) if wanted in (str, bytes) else _message(kind, str(message.get("id")), body, about)
        runs.append(Run(value, str(message.get("id")), attempts))
    if str(trigger.get("cardinality", "")).lower() != "many" or not runs:
        return runs
    return [runs[0]._replace(value=[run.value for run in runs])]


def _message(kind, message_id, data, about):
    body, at = _plain(data, bytes), moment(about["timestamp"])
    if kind == "queuetrigger":
        return QueueMessage(id=message_id, body=body, dequeue_count=about["attempts"], insertion_time=at)
    if kind == "servicebustrigger":
        known = {"message_id": message_id, "delivery_count": about["attempts"], "enqueued_time_utc": at}
        return ServiceBusMessage(id=message_id, body=body, **known)
    if kind == "eventhubtrigger":
        return EventHubEvent(id=message_id, body=body, enqueued_time=at)
    if kind == "kafkatrigger":
        return KafkaEvent(id=message_id, body=body, timestamp=at)
    # A binding that the library knows no class for gives text.
    return _plain(data, str)


def _plain(data, wanted):
    if isinstance(data, bytes):
        return data if wanted is bytes else data.decode("utf-8", "replace")
    text = "" if data is None else data if isinstance(data, str) else to_json(data)
    return text.encode() if wanted is bytes else text


def _blob(event, content, wanted):
    if wanted is bytes:
        return content
    if wanted is str:
        return content.decode("utf-8", "replace")
    path = str(event.get("subject") or event.get("source") or "").lstrip("/")
    return InputStream(data=content, name=path, uri=event.get("source"), metadata={})
