"""Tells how much CPU time a call used."""

import threading
import time

# A mark younger than this will do while other calls run, ns.
_MARK_AGE_NS = 100_000


class CpuMeter:
    """
    The kernel counts for the process only, so time that passes while several calls run is shared equally among them; reading
    and writing their frames counts too. Children that the code starts are not counted.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._running = 0
        self._mark = 0
        self._marked_at = 0
        self._share = 0.0

    def start(self):
        """Begins to measure a call: returns its start, to be given to `stop`."""
        with self._lock:
            if self._running > 0 and self._due():
                self._advance()
            self._running += 1
            return self._share

    def stop(self, start):
        """Ends measuring a call; returns its CPU time, µs."""
        with self._lock:
            if self._running == 1 or self._due():
                self._advance()
            self._running -= 1
            return max(0, round((self._share - start) / 1000))

    def reset(self):
        """Forgets what was used until now: loading is nobody's call."""
        with self._lock:
            self._look()

    def _due(self):
        return time.monotonic_ns() - self._marked_at >= _MARK_AGE_NS

    def _advance(self):
        self._share += self._look() / self._running

    def _look(self):
        used = time.process_time_ns()
        since = used - self._mark
        self._mark = used
        self._marked_at = time.monotonic_ns()
        return since
