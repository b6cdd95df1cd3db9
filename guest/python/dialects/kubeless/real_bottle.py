"""Serves functions with Bottle. Imported only where Bottle is."""

import bottle

from ...answer import EventAnswer
from ...coroutines import finish_if_awaitable
from ...dialect import Handler
from ...event_request import AsHttp, request_of
from ..http.wsgi import WsgiHandler
from .event import METHODS, attributes_of, data_of


class BottleHandler(Handler):
    """Serves calls with a function of the author's, in an application of Bottle's: `bottle.response` counts, too."""

    def __init__(self, handle, context):
        self._handle = handle
        self._context = context

    def serve(self, call, respond):
        app, message, body = bottle.Bottle(catchall=False), call.message, call.body.all()
        is_event = message.get("http") is None

        def run():
            request = bottle.request
            try:
                data = data_of(body, request.get_header("content-type"))
            except ValueError as thrown:
                if is_event:
                    raise
                return bottle.HTTPError(400, "The request's body is no valid JSON: %s" % thrown)
            event = {"data": data, **attributes_of(message), "extensions": {"request": request}}
            return finish_if_awaitable(self._handle(event, dict(self._context)))

        app.route("/<:re:.*>", [method for method in METHODS if method != "HEAD"], run)
        answer = EventAnswer() if is_event else respond
        WsgiHandler(app).serve(AsHttp(call, _with_length(request_of(message), len(body)), body), answer)
        if is_event:
            answer.give_to(respond)


def _with_length(http, size):
    """Bottle reads as much as the headers say, and knows chunks only as they are on the wire."""
    pairs = zip(http["headers"][::2], http["headers"][1::2])
    kept = [text for pair in pairs if pair[0].lower() not in ("content-length", "transfer-encoding") for text in pair]
    return {**http, "headers": [*kept, "content-length", str(size)]}
