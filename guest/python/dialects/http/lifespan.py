"""The lifespan part of ASGI: what an application does before the first request and after the last."""

import asyncio


class Lifespan:
    """An application that knows nothing of it (it raises at once) has none."""

    def __init__(self, app):
        self.state = {}
        self._app = app
        self._task = None
        self._to_app = None
        self._from_app = None

    async def start(self):
        """Runs the application's startup. Raises RuntimeError when it fails."""
        self._to_app, self._from_app = asyncio.Queue(), asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self._task = asyncio.ensure_future(self._app(scope, self._to_app.get, self._from_app.put))
        await self._tell("startup")

    async def stop(self):
        """Runs the application's shutdown."""
        if self._task is not None and not self._task.done():
            await self._tell("shutdown")

    async def _tell(self, step):
        await self._to_app.put({"type": "lifespan.%s" % step})
        answer = asyncio.ensure_future(self._from_app.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            # Read, so that it is not reported as lost: this application has no lifespan.
            self._task.exception()
        elif answer.result()["type"] == "lifespan.%s.failed" % step:
            raise RuntimeError("The application's %s failed: %s" % (step, answer.result().get("message", "")))
