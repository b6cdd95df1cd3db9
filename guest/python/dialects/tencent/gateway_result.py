"""What a handler answers to API Gateway."""

import base64

from ...answer import Answer, json_answer, status_from
from ...header_fields import add_default_header, header_list
from ...response_stream import InvalidResponse


def gateway_answer(result):
    """The answer to an HTTP call: an integration response; text as it is; any other value as JSON."""
    if isinstance(result, dict) and "statusCode" in result:
        return _integration_answer(result)
    if isinstance(result, str):
        return Answer(200, ["content-type", "text/plain; charset=utf-8"], result)
    return json_answer(result)


def _integration_answer(result):
    body = result.get("body")
    if body is not None and not isinstance(body, str):
        kind = type(body).__name__
        raise InvalidResponse("The body of an integration response must be a string (json.dumps it), not a %s." % kind)
    text = body or ""
    headers = header_list(result.get("headers"))
    if text:
        add_default_header(headers, "content-type", "application/json")
    content = text
    if result.get("isBase64Encoded") is True:
        try:
            content = base64.b64decode(text)
        except ValueError:
            raise InvalidResponse("The body is not base64, though isBase64Encoded says so.") from None
    return Answer(status_from(result["statusCode"], 200), headers, content)
