"""Words that decorators take."""

import enum


class AuthLevel(enum.Enum):
    """Whether a call must show a key."""

    FUNCTION = "function"
    ANONYMOUS = "anonymous"
    ADMIN = "admin"


class HttpMethod(enum.Enum):
    """Methods of a route."""

    GET = "GET"
    POST = "POST"
    DELETE = "DELETE"
    HEAD = "HEAD"
    PATCH = "PATCH"
    PUT = "PUT"
    OPTIONS = "OPTIONS"


class DataType(enum.Enum):
    """What a parameter is given as."""

    UNDEFINED = "undefined"
    STRING = "string"
    BINARY = "binary"
    STREAM = "stream"


class Cardinality(enum.Enum):
    """One event at a time, or a list."""

    ONE = "one"
    MANY = "many"


class AccessRights(enum.Enum):
    """Of a service bus."""

    MANAGE = "manage"
    LISTEN = "listen"


class BlobSource(enum.Enum):
    """How changes of blobs are noticed."""

    LOGS_AND_CONTAINER_SCAN = "LogsAndContainerScan"
    EVENT_GRID = "EventGrid"


def text_of(value):
    """The text that an enumeration's member, or a text, stands for."""
    return str(value.value if isinstance(value, enum.Enum) else value)
