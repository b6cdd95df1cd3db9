"""The guest's end of the protocol socket."""

import fcntl
import os
import socket
import threading

from .frames import FrameReader
from .limits import LAST_WORDS_MS_MAX, READ_BYTES_MAX

# Out of the way of code that closes or reuses low descriptors; what it starts does not inherit it.
_DESCRIPTOR_MIN = 900


class Channel:
    """
    Reads frames on a thread of its own and sends them from any. Log lines that were gathered leave before the frame that
    is sent: the platform may stop the process right after an answer.
    """

    def __init__(self, fd, take_logs):
        self._socket = socket.socket(fileno=_move_away(fd))
        self._socket.setblocking(True)
        self._take_logs = take_logs
        self._lock = threading.Lock()

    def read(self, on_frame, violated, closed):
        """Tells every frame until the platform goes (`closed`) or breaks the protocol (`violated`)."""
        reader = FrameReader(on_frame)
        receive = self._socket.recv
        while True:
            try:
                data = receive(READ_BYTES_MAX)
            except OSError:
                data = b""
            if not data:
                closed()
                return
            try:
                reader.push(data)
            except Exception:
                # ProtocolViolated; or a message of a shape that nobody foresaw, which must not leave a guest that is deaf.
                violated()
                return

    def send(self, frame):
        """Sends a frame, waiting until the platform takes it; a platform that has gone is `read`'s to notice."""
        with self._lock:
            logs = self._take_logs()
            self._write(frame if logs is None else logs + frame)

    def flush(self):
        """Sends the log lines that wait."""
        with self._lock:
            logs = self._take_logs()
            if logs is not None:
                self._write(logs)

    def send_last_words(self, frames):
        """Hands over everything before the process ends, or gives up soon: another thread may hold the socket."""
        if not self._lock.acquire(timeout=LAST_WORDS_MS_MAX / 1000):
            return
        try:
            self._socket.settimeout(LAST_WORDS_MS_MAX / 1000)
            logs = self._take_logs()
            self._write(frames if logs is None else logs + frames)
        finally:
            self._lock.release()

    def disown(self):
        """In a forked child: the socket is the parent's alone."""
        self._lock = threading.Lock()
        self._socket.close()

    def _write(self, data):
        try:
            self._socket.sendall(data)
        except OSError:
            pass


def _move_away(fd):
    try:
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _DESCRIPTOR_MIN)
    except OSError:
        moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, fd + 1)
    os.close(fd)
    return moved
