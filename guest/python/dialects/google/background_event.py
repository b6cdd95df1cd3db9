"""CloudEvents as background events."""

import re

from .event_kinds import AUTH, DATABASE, PUBSUB, STORAGE, EventConversionError, background_type_of, rename_metadata
from .pushed_message import PUBSUB_MESSAGE

_SOURCE = re.compile(r"//([^/]+)/(.+)")
_LOCATION = re.compile(r"/locations/[^/]+")


def background_event(attributes, data):
    """
    `(data, context's fields)` by the mapping that Google's frameworks publish and its conformance tests check. Of an event of
    another sender the context says id, time, type and source. Raises EventConversionError.
    """
    kind = background_type_of(attributes.get("type"))
    about = {"eventId": attributes.get("id"), "timestamp": attributes.get("time")}
    if kind is None:
        return data, {**about, "eventType": attributes.get("type"), "resource": attributes.get("source")}
    source = _SOURCE.match(str(attributes.get("source")))
    if source is None:
        raise EventConversionError('Failed to convert CloudEvent with invalid source: "%s"' % attributes.get("source"))
    service, name = source.groups()
    fields = data if isinstance(data, dict) else {}
    place = "%s/%s" % (name, attributes.get("subject"))
    context = {**about, "eventType": kind, "resource": _resource(service, name, place, fields)}
    return _data(service, data) if isinstance(data, dict) else data, context


def _resource(service, name, place, data):
    if service == PUBSUB:
        return {"service": service, "name": name, "type": PUBSUB_MESSAGE}
    if service == STORAGE:
        return {"name": place, "service": service, "type": data.get("kind")}
    if service == AUTH:
        return name
    return _LOCATION.sub("", place, count=1) if service == DATABASE else place


def _data(service, data):
    if service == AUTH:
        return rename_metadata(data, {"createTime": "createdAt", "lastSignInTime": "lastSignedInAt"})
    if service != PUBSUB:
        return data
    message = data["message"] if isinstance(data.get("message"), dict) else data
    return {name: value for name, value in message.items() if name not in ("messageId", "publishTime")}
