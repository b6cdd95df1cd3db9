"""What an action is given."""

import base64
import json
import os
import re

from ...event_data import is_text
from ...failure import HandlerUnusable
from ...header_fields import header_record
from ...request_data import is_form, last_values, query_record, split_target

_RESERVED = ("__ow_method", "__ow_headers", "__ow_path", "__ow_user", "__ow_query", "__ow_body")
_JSON_FAMILY = re.compile(r"[^;]*[/+]json\s*(;|\Z)", re.IGNORECASE)
_PLAIN_JSON = re.compile(r"application/json\s*(;|\Z)", re.IGNORECASE)


class ParameterRefused(Exception):
    """The request is wrong: its JSON is none, or it brings what only the platform may say."""


def http_parameters(http, body, raw):
    """
    What a web action gets: query, above it the members of a JSON object or a form, and the request in `__ow_` members. A body
    of another kind, or every body with `raw`, is text in `__ow_body`: base64 of bytes, and of JSON with `raw`.
    Raises ParameterRefused.
    """
    headers = header_record(http["headers"])
    kind = headers.get("content-type", "")
    _, query_text = split_target(http["url"])
    rest = http["params"].get("*")
    request = {
        "__ow_method": http["method"].lower(),
        "__ow_headers": headers,
        "__ow_path": "" if rest is None else "/" + rest,
    }
    if raw:
        return {**request, "__ow_query": query_text, "__ow_body": _opaque(body, kind)}
    # As in OpenWhisk, of several values of a name the last.
    query = last_values(query_record(query_text))
    if not body:
        return _merged(request, query, {})
    if _JSON_FAMILY.match(kind):
        try:
            data = json.loads(body)
        except ValueError as thrown:
            raise ParameterRefused("The request's body is no valid JSON: %s" % thrown) from None
        if isinstance(data, dict):
            return _merged(request, query, data)
        return {**_merged(request, query, {}), "__ow_body": data}
    if is_form(kind):
        return _merged(request, query, last_values(query_record(body.decode("utf-8", "replace"))))
    return {**_merged(request, query, {}), "__ow_body": _opaque(body, kind)}


def event_parameters(data):
    """An event's data are the parameters; what is no object stands in `__ow_body`, as with a web action."""
    if data is None:
        return {}
    if isinstance(data, bytes):
        return {"__ow_body": base64.b64encode(data).decode()}
    return data if isinstance(data, dict) else {"__ow_body": data}


def own_parameters():
    """Parameters that the action was deployed with. Raises HandlerUnusable."""
    text = os.environ.get("MAYFLY_OPENWHISK_PARAMETERS") or "{}"
    try:
        own = json.loads(text)
    except ValueError:
        own = None
    if not isinstance(own, dict):
        raise HandlerUnusable("MAYFLY_OPENWHISK_PARAMETERS is not the JSON of an object.")
    return own


def with_own_parameters(given, own):
    """A web action's own parameters are final. Raises ParameterRefused when the request brings one of them."""
    for name in own:
        _refuse_if(name in given, name)
    return {**own, **given}


def _merged(request, query, members):
    for name in _RESERVED:
        _refuse_if(name in query or name in members, name)
    return {**request, **query, **members}


def _refuse_if(brought, name):
    if brought:
        raise ParameterRefused("The request must not set the parameter %s." % name)


def _opaque(body, kind):
    if is_text(body, kind) and not _PLAIN_JSON.match(kind):
        return body.decode("utf-8", "replace")
    return base64.b64encode(body).decode()
