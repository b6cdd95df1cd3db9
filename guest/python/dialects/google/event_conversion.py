"""Background events as CloudEvents."""

import re

from .event_kinds import (
    AUTH,
    DATABASE,
    FIREBASE,
    FIRESTORE,
    PUBSUB,
    STORAGE,
    EventConversionError,
    cloud_type_of,
    rename_metadata,
    service_of,
)

# How a resource's name is split into what an event comes from and what it is about.
_SPLIT = {
    DATABASE: re.compile(r"projects/[^/]+/(instances/[^/]+)/(refs/.+)\Z"),
    FIREBASE: re.compile(r"(projects/[^/]+)/(events/[^/]+)\Z"),
    FIRESTORE: re.compile(r"(projects/[^/]+/databases/\(default\))/(documents/.+)\Z"),
    STORAGE: re.compile(r"(projects/[^/]+/buckets/[^/]+)/(objects/.+)\Z"),
}
_OWN_DOMAIN = re.compile(r"([\w-]+)\.firebasedatabase\.app\Z")


def cloud_event_of(background):
    """
    A background event, `{"context", "data"}`, as the attributes of a CloudEvent and its `data`, by the mapping that Google's
    frameworks publish and its conformance tests check. None when it is none that Google sends. Raises EventConversionError.
    """
    context, data = background["context"], background["data"]
    kind = cloud_type_of(context.get("eventType"))
    if kind is None or "resource" not in context:
        return None
    service, resource, subject = _place(context)
    if service == DATABASE:
        resource = _database_place(background.get("domain"), resource)
    if service == AUTH and isinstance(data, dict) and "uid" in data:
        subject = "users/%s" % data["uid"]
    event = {
        "id": context.get("eventId"),
        "time": context.get("timestamp"),
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "type": kind,
        "source": "//%s/%s" % (service, resource),
        "data": _data(service, data, context) if isinstance(data, dict) else data,
    }
    return {**event, "subject": subject} if subject else event


def _place(context):
    written = context["resource"]
    named = written.get("service") if isinstance(written, dict) else None
    service = named or service_of(context["eventType"])
    if service is None:
        raise EventConversionError("Unable to find equivalent CloudEvent service for %s." % context["eventType"])
    resource = str((written.get("name") if isinstance(written, dict) else written) or "")
    pattern = _SPLIT.get(service)
    if pattern is None:
        return service, resource, ""
    found = pattern.match(resource)
    if found is None:
        raise EventConversionError("Resource string did not match expected format: %s." % resource)
    return service, found.group(1), found.group(2)


def _database_place(domain, resource):
    own = _OWN_DOMAIN.match(domain) if isinstance(domain, str) else None
    if domain != "firebaseio.com" and own is None:
        raise EventConversionError("Unable convert to %s CloudEvent: invalid domain" % DATABASE)
    return "projects/_/locations/%s/%s" % ("us-central1" if own is None else own.group(1), resource)


def _data(service, data, context):
    if service == PUBSUB:
        about = {
            "publishTime": data.get("publishTime") or context.get("timestamp"),
            "messageId": data.get("messageId") or context.get("eventId"),
        }
        return {"message": {**data, **about}}
    if service != AUTH:
        return data
    return rename_metadata(data, {"createdAt": "createTime", "lastSignedInAt": "lastSignInTime"})
