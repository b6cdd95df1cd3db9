"""Serves views without Flask."""

from ..answer import EventAnswer
from ..coroutines import finish_if_awaitable
from ..dialect import Handler
from ..event_request import request_of
from ..response_stream import InvalidResponse
from .fields import BadRequestKey
from .module import enter, leave
from .problem import HTTPException
from .request import Request
from .response import Response, make_response


class OwnView(Handler):
    """Serves calls with a function of the author's, which is given a request and gives what Flask's views give."""

    def __init__(self, view, added):
        self._view = view
        self._added = added

    def serve(self, call, respond):
        http = request_of(call.message)
        http = {**http, "headers": http["headers"] + self._added(http)} if self._added else http
        answer = EventAnswer() if call.message.get("http") is None else respond
        request = Request(http, call.body.all())
        tokens = enter(request)
        try:
            _send(self._run(request), answer, call)
        finally:
            leave(tokens)
        if answer is not respond:
            answer.give_to(respond)

    def _run(self, request):
        try:
            result = finish_if_awaitable(self._view(request))
        except HTTPException as problem:
            return make_response(problem)
        except BadRequestKey as missing:
            problem = "The browser (or proxy) sent a request that this server could not understand."
            print("The request has no %s: 400." % missing)
            return make_response(HTTPException(problem, code=400))
        try:
            return make_response(result)
        except (TypeError, ValueError) as wrong:
            raise InvalidResponse(str(wrong)) from None


def _send(response, answer, call):
    own = isinstance(response, Response)
    headers = response.headers.flat if own else [text for pair in response.headers.items() for text in pair]
    if not getattr(response, "is_streamed", False):
        answer.whole(response.status_code, headers, response.get_data())
        return
    answer.head(response.status_code, headers)
    try:
        for part in response.response:
            if call.cancelled:
                break
            answer.write(part.encode() if isinstance(part, str) else part)
    finally:
        close = getattr(response.response, "close", None)
        if close is not None:
            close()
    answer.end()
