"""Bodies and queries of requests, by what they say they are."""

import re
from urllib.parse import parse_qsl, urlsplit

from .answer import refuse
from .event_data import parse_body

_FORM_TYPE = re.compile(r"application/x-www-form-urlencoded\s*(;|\Z)", re.IGNORECASE)


def is_form(content_type):
    """Whether a body of this type is a form."""
    return _FORM_TYPE.match(content_type) is not None


def split_target(url):
    """Path, as it was sent, and query without its `?`, of an absolute URL."""
    parts = urlsplit(url)
    return parts.path or "/", parts.query


def query_record(text):
    """Decodes a query or a form; several values of a name are a list."""
    record = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in record:
            record[name] = value
        elif isinstance(record[name], list):
            record[name].append(value)
        else:
            record[name] = [record[name], value]
    return record


def last_values(record):
    """One value a name, the last of several."""
    return {name: value[-1] if isinstance(value, list) else value for name, value in record.items()}


def read_data(call, respond, content_type, parse=parse_body):
    """
    `(bytes, data)` of a call's body, parsed by its type. None: the client's JSON is none, and it has been answered with 400,
    for it is not the function that is wrong. Raises ValueError for such data of an event, which nobody could be answered
    about.
    """
    body = call.body.all()
    try:
        return body, parse(body, content_type)
    except ValueError as thrown:
        if call.message.get("http") is None:
            raise
        refuse(respond, "The request's body is no valid JSON: %s" % thrown)
        return None
