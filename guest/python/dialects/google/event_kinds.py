"""The types of CloudEvents and of the background events that say the same, as Google publishes them."""

_BACKGROUND = {
    "google.cloud.pubsub.topic.v1.messagePublished": "google.pubsub.topic.publish",
    "google.cloud.storage.object.v1.archived": "google.storage.object.archive",
    "google.cloud.storage.object.v1.deleted": "google.storage.object.delete",
    "google.cloud.storage.object.v1.finalized": "google.storage.object.finalize",
    "google.cloud.storage.object.v1.metadataUpdated": "google.storage.object.metadataUpdate",
    "google.cloud.firestore.document.v1.created": "providers/cloud.firestore/eventTypes/document.create",
    "google.cloud.firestore.document.v1.deleted": "providers/cloud.firestore/eventTypes/document.delete",
    "google.cloud.firestore.document.v1.updated": "providers/cloud.firestore/eventTypes/document.update",
    "google.cloud.firestore.document.v1.written": "providers/cloud.firestore/eventTypes/document.write",
    "google.firebase.auth.user.v1.created": "providers/firebase.auth/eventTypes/user.create",
    "google.firebase.auth.user.v1.deleted": "providers/firebase.auth/eventTypes/user.delete",
    "google.firebase.analytics.log.v1.written": "providers/google.firebase.analytics/eventTypes/event.log",
    "google.firebase.database.ref.v1.created": "providers/google.firebase.database/eventTypes/ref.create",
    "google.firebase.database.ref.v1.deleted": "providers/google.firebase.database/eventTypes/ref.delete",
    "google.firebase.database.ref.v1.updated": "providers/google.firebase.database/eventTypes/ref.update",
    "google.firebase.database.ref.v1.written": "providers/google.firebase.database/eventTypes/ref.write",
}
_CLOUD = {background: cloud for cloud, background in _BACKGROUND.items()}
# Types of the first generation that are still sent.
_CLOUD["providers/cloud.pubsub/eventTypes/topic.publish"] = "google.cloud.pubsub.topic.v1.messagePublished"
_CLOUD["providers/cloud.storage/eventTypes/object.change"] = "google.cloud.storage.object.v1.finalized"

AUTH = "firebaseauth.googleapis.com"
DATABASE = "firebasedatabase.googleapis.com"
FIREBASE = "firebase.googleapis.com"
FIRESTORE = "firestore.googleapis.com"
PUBSUB = "pubsub.googleapis.com"
STORAGE = "storage.googleapis.com"

_SERVICES = (
    ("providers/cloud.firestore/", FIRESTORE),
    ("providers/google.firebase.analytics/", FIREBASE),
    ("providers/firebase.auth/", AUTH),
    ("providers/google.firebase.database/", DATABASE),
    ("providers/cloud.pubsub/", PUBSUB),
    ("providers/cloud.storage/", STORAGE),
    ("google.pubsub", PUBSUB),
    ("google.storage", STORAGE),
)


class EventConversionError(Exception):
    """An event that claims to be one of Google's and is not formed like one."""


def background_type_of(cloud_type):
    """None: no background event says the same."""
    return _BACKGROUND.get(cloud_type)


def cloud_type_of(background_type):
    """None: no CloudEvent says the same."""
    return _CLOUD.get(background_type)


def service_of(background_type):
    """The service that sends background events of this type, or None."""
    return next((service for prefix, service in _SERVICES if background_type.startswith(prefix)), None)


def rename_metadata(data, names):
    """A copy whose `metadata` has some of its names changed."""
    metadata = data.get("metadata")
    if not isinstance(metadata, dict):
        return data
    return {**data, "metadata": {names.get(name, name): value for name, value in metadata.items()}}
