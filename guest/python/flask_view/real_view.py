"""Serves views with Flask. Imported only where Flask is."""

import flask
from werkzeug.routing import Rule

from ..answer import EventAnswer
from ..dialect import Handler
from ..dialects.http.wsgi import WsgiHandler
from ..event_request import AsHttp, request_of


class RealView(Handler):
    """Serves calls with a function of the author's, in an application of Flask's that has one view for all paths and methods."""

    def __init__(self, view, added):
        self._added = added
        app = flask.Flask("app", static_folder=None)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        for path, defaults in (("/", {"path": ""}), ("/<path:path>", None)):
            app.url_map.add(Rule(path, defaults=defaults, endpoint="run"))

        def run(path):
            request = flask.request._get_current_object()
            request.view_args.update(request.environ["mayfly.context"].params)
            return app.ensure_sync(view)(request)

        app.view_functions["run"] = run
        self._wsgi = WsgiHandler(app)

    def serve(self, call, respond):
        is_event = call.message.get("http") is None
        if not is_event and not self._added:
            self._wsgi.serve(call, respond)
            return
        http = request_of(call.message)
        http = {**http, "headers": http["headers"] + (self._added(http) if self._added else [])}
        answer = EventAnswer() if is_event else respond
        self._wsgi.serve(AsHttp(call, http), answer)
        if is_event:
            answer.give_to(respond)
