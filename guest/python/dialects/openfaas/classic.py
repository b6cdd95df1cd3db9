"""The template `python3`: a program that reads the body and prints its result."""

import os

from ...answer import Answer, send_answer
from ...coroutines import finish_if_awaitable
from ...dialect import Handler
from ...event_request import request_of
from ...header_fields import go_name
from ...request_data import split_target
from ...result import to_json

_TEXT_TYPE = "text/plain; charset=utf-8"


class ClassicHandler(Handler):
    """
    `handle(req)` gets the body as text and gives what is printed. OpenFaaS's watchdog starts a process for each call and says
    the request in `Http_` variables; here they are those of the last call that began.
    """

    def __init__(self, handle):
        self._handle = handle
        self._known = ()

    def serve(self, call, respond):
        text = call.body.all().decode("utf-8", "replace")
        self._set_request_variables(request_of(call.message))
        result = finish_if_awaitable(self._handle(text))
        if result is None or result == "":
            answer = Answer(200, [], None)
        elif isinstance(result, bytes):
            answer = Answer(200, ["content-type", "application/octet-stream"], result)
        elif isinstance(result, (dict, list)):
            answer = Answer(200, ["content-type", "application/json"], to_json(result))
        else:
            answer = Answer(200, ["content-type", _TEXT_TYPE], str(result))
        send_answer(answer, call, respond)

    def _set_request_variables(self, http):
        for name in self._known:
            os.environ.pop(name, None)
        path, query = split_target(http["url"])
        own = {"Http_Method": http["method"], "Http_Path": path, "Http_Query": query}
        for name, value in zip(http["headers"][::2], http["headers"][1::2]):
            own["Http_" + go_name(name).replace("-", "_")] = value
        os.environ.update(own)
        self._known = tuple(own)
