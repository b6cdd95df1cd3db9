"""One function of Azure's."""

import inspect
import logging
import os
import re
import typing
from urllib.parse import parse_qsl, urlsplit

from ...answer import Answer, send_answer
from ...coroutines import finish_if_awaitable
from ...dialect import Handler
from ...event_request import request_of
from ...failure import HandlerUnusable, describe
from ...header_fields import header_in, header_record
from ...response_stream import InvalidResponse
from ...result import send_json
from .bindings import trigger_of
from .context import Context, Out
from .http import HttpRequest, HttpResponse
from .trigger_input import runs_of

_REST = re.compile(r"\{\*(\w+)")


class AzureHandler(Handler):
    """Calls a function with what its bindings name; `bindings` are those of a `function.json`."""

    def __init__(self, handle, bindings, name, instance):
        self._handle = handle
        self._name = name
        self._directory = os.path.dirname(os.path.join(instance["codeDir"], instance["handler"]["file"]))
        self._trigger = trigger_of(bindings)
        self._is_http = self._trigger["type"].lower() == "httptrigger"
        self._parameters = _parameters(handle)
        self._trigger_name = self._trigger["name"] or next(iter(self._parameters), None)
        self._inputs = [one["name"] for one in bindings if one.get("direction") == "in" and one is not self._trigger]
        self._outputs = [one["name"] for one in bindings if one.get("direction") == "out" and one["name"] != "$return"]
        self._http_output = next((one["name"] for one in bindings if one["type"].lower() == "http"), "$return")
        self._check(bindings)

    def serve(self, call, respond):
        if self._is_http:
            self._serve_http(call, respond)
        elif call.message.get("http") is not None:
            respond.whole(404, [])
        else:
            self._serve_event(call, respond)

    def _serve_http(self, call, respond):
        http = request_of(call.message)
        if call.message.get("http") is not None and not _is_allowed(self._trigger.get("authLevel"), http):
            respond.whole(401, [])
            return
        request = _request(http, call.body.all(), self._trigger.get("route"))
        returned, outputs = self._run(request, call)
        result = returned if self._http_output == "$return" else outputs[self._http_output].get()
        send_answer(_answer(result), call, respond)

    def _serve_event(self, call, respond):
        """A batch of messages is told which of them have to be delivered again; anything else is the function's result."""
        runs = runs_of(self._trigger, call, self._parameters.get(self._trigger_name))
        if call.message["event"].get("type") != "mayfly.queue":
            result, _ = self._run(runs[0].value, call)
            send_json(result, respond)
            return
        retry = []
        for run in runs:
            try:
                self._run(run.value, call, run.attempts)
            except Exception as thrown:
                if len(runs) == 1:
                    raise
                logging.getLogger("azure.functions").error("%s", describe(thrown)["stack"])
                retry.append({"id": run.message_id})
        send_json({"retry": retry}, respond)

    def _run(self, value, call, attempts=1):
        given = {self._trigger_name: value, **dict.fromkeys(self._inputs)}
        outputs = {name: Out() for name in self._outputs}
        given.update(outputs)
        if "context" in self._parameters:
            given["context"] = Context(call, self._name, self._directory, attempts)
        # A v1 function need not have all that its `function.json` binds.
        given = {name: one for name, one in given.items() if name in self._parameters}
        return finish_if_awaitable(self._handle(**given)), outputs

    def _check(self, bindings):
        """Said once, when the function is loaded: what it reads is None, what it writes goes nowhere."""
        if self._trigger_name not in self._parameters:
            told = '"%s" has no parameter "%s", which its trigger names.' % (self._name, self._trigger_name)
            raise HandlerUnusable("Function " + told)
        log = logging.getLogger("azure.functions")
        for binding in bindings:
            if binding is self._trigger or binding["type"].lower() == "http":
                continue
            told = ("an output", "goes nowhere") if binding.get("direction") == "out" else ("an input", "is not provided")
            log.warning('The function "%s" has %s of type "%s", which %s.', self._name, told[0], binding["type"], told[1])


def _parameters(handle):
    """The classes that a function's parameters are declared as, by their names."""
    try:
        hints = typing.get_type_hints(handle)
    except Exception:
        # Annotations may name what is not there.
        hints = {}
    return {name: hints.get(name) for name in inspect.signature(handle).parameters}


def _request(http, body, route):
    params = {}
    for name, value in parse_qsl(urlsplit(http["url"]).query, keep_blank_values=True):
        params[name] = value if name not in params else "%s,%s" % (params[name], value)
    # The rest of a path is called by the name in the route's `{*rest}`.
    rest = _REST.search(str(route))
    route_params = {rest.group(1) if name == "*" and rest else name: value for name, value in http["params"].items()}
    headers = header_record(http["headers"])
    return HttpRequest(http["method"], http["url"], headers=headers, params=params, route_params=route_params, body=body)


def _answer(result):
    if result is None:
        return Answer(204, [], None)
    if isinstance(result, str):
        return Answer(200, ["content-type", "text/plain; charset=utf-8"], result)
    if not isinstance(result, HttpResponse):
        kind = type(result).__name__
        raise InvalidResponse("An HTTP function returns a func.HttpResponse or text, not a %s." % kind)
    headers, body = list(result.headers.flat), result.get_body()
    if header_in(headers, "content-type") is None and body:
        text = result.mimetype.startswith("text/")
        headers += ["content-type", "%s; charset=%s" % (result.mimetype, result.charset) if text else result.mimetype]
    return Answer(int(result.status_code), headers, body)


_NO_KEYS = (
    'A function with an auth level other than "anonymous" is closed until it has keys: '
    "mayfly secret set MAYFLY_AZURE_KEYS"
)


def _is_allowed(level, http):
    """
    Whether a call may reach a function of this level. Keys are those of MAYFLY_AZURE_KEYS, separated by commas, as
    `x-functions-key` or `?code=`; without that variable there are none, and what asks for one is closed.
    """
    if level is None or str(level).lower() == "anonymous":
        return True
    keys = os.environ.get("MAYFLY_AZURE_KEYS")
    if not keys:
        logging.getLogger("azure").warning(_NO_KEYS)
        return False
    shown = header_in(http["headers"], "x-functions-key") or dict(parse_qsl(urlsplit(http["url"]).query)).get("code")
    return shown is not None and shown in [key.strip() for key in keys.split(",")]
