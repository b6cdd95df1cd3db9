"""The threads that run the author's code."""

import queue
import threading

from .limits import IDLE_WORKERS_MAX


class Workers:
    """
    The main thread runs what comes while it is free, since some code (signal handlers) works nowhere else; calls that come while
    it is busy get threads of their own, which are kept for later ones.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._main = queue.SimpleQueue()
        self._main_free = True
        self._idle = []

    def run(self, task):
        """Runs `task(release)` soon; it calls `release` when its thread may be given further tasks, once."""
        with self._lock:
            if self._main_free:
                self._main_free = False
                worker = self._main
            else:
                worker = self._idle.pop() if self._idle else None
        if worker is None:
            worker = queue.SimpleQueue()
            threading.Thread(target=self._serve, args=(worker,), daemon=True).start()
        worker.put(task)

    def run_main(self):
        """The main thread's loop; never returns."""
        while True:
            self._main.get()(self._release_main)

    def on_main(self, task):
        """Runs `task(release)` on the main thread, when it is done with what it runs now."""
        self._main.put(task)

    def _release_main(self):
        with self._lock:
            self._main_free = True

    def _serve(self, own):
        kept = True

        def release():
            nonlocal kept
            with self._lock:
                kept = len(self._idle) < IDLE_WORKERS_MAX
                if kept:
                    self._idle.append(own)

        while kept:
            own.get()(release)
