"""What the process is, and the calls that run in it."""

import os
import threading
import time

from . import frames
from .call import Call, current_call
from .cpu_meter import CpuMeter
from .exits import end_process
from .failure import describe
from .response_stream import InvalidResponse


class Instance:
    """
         booting ──boot──► waiting ──SPECIALISE──► loading ──► ready
                               │                      │          │ DRAIN
                               │ DRAIN                ▼          ▼
                               └───────────► gone ◄── failed   draining ──last call──► gone

    `load(message)` turns the process into a function and returns its handler; `leave(handler)` ends a drained process, on the main
    thread; `finish_call()` runs after the author's code of a call.
    """

    def __init__(self, channel, workers, load, leave, finish_call=lambda: None):
        self.calls = {}
        self.state = "booting"
        self._channel = channel
        self._workers = workers
        self._load = load
        self._leave = leave
        self._finish_call = finish_call
        self._cpu = CpuMeter()
        self._handler = None
        self._lock = threading.RLock()

    def boot(self, runtime):
        """Tells the platform that the guest waits for its function."""
        with self._lock:
            if self.state != "booting":
                return
            self.state = "waiting"
        booted = {"protocol": 1, "runtime": runtime, "pid": os.getpid()}
        self._channel.send(frames.encode_json(frames.BOOTED, 0, booted))

    def frame(self, kind, flags, stream, payload):
        """One frame from the platform, on the link's thread. Raises ProtocolViolated."""
        if kind == frames.INVOKE:
            self._invoke(stream, flags, payload)
        elif kind == frames.CHUNK:
            call = self.calls.get(stream)
            if call is not None:
                call.body.push(payload, flags & frames.FLAG_END != 0)
                call.notify()
        elif kind == frames.CREDIT:
            count = frames.decode_u32(payload)
            call = self.calls.get(stream)
            if call is not None:
                call.response.credit(count)
                call.notify()
        elif kind == frames.CANCEL:
            call = self.calls.get(stream)
            if call is not None:
                call.cancel()
        elif kind == frames.SPECIALISE:
            self._specialise(frames.parse_json(payload))
        elif kind == frames.DRAIN:
            self._drain()
        elif kind != frames.WAKE:
            raise frames.ProtocolViolated("A frame of type %d is not for a guest." % kind)

    def fail_all(self, code, name, message):
        """Says the last words of a process that is about to end: every running call fails, and none is answered any more."""
        with self._lock:
            loading = self.state == "loading"
            self.state = "gone"
            calls = list(self.calls.values())
            self.calls.clear()
        failure = {"code": code, "name": name, "message": message, "stack": "", "cpuUs": 0, "fatal": True}
        words = []
        if loading:
            words.append(frames.encode_json(frames.ERROR, 0, {**failure, "code": "FUNCTION_INIT_FAILED"}))
        culprit = current_call.get()
        for call in calls:
            told = failure if culprit is None or call is culprit or culprit not in calls else _INSTANCE_ENDED
            cpu_us = self._cpu.stop(call.cpu_start)
            words.append(frames.encode_json(frames.ERROR, call.stream, {**told, "cpuUs": cpu_us}))
        self._channel.send_last_words(b"".join(words))

    def _specialise(self, message):
        self.boot(_RUNTIME)
        with self._lock:
            refused = self.state != "waiting"
            if not refused:
                self.state = "loading"
        if refused:
            text = "The instance is %s; it becomes a function once in its life." % self.state
            self._channel.send(_init_failure({"name": "AlreadySpecialised", "message": text, "stack": ""}, False))
            return
        self._workers.run(lambda release: self._become(message, release))

    def _become(self, message, release):
        started = time.perf_counter()
        try:
            self._handler = self._load(message)
        except SystemExit as thrown:
            exit_by_author(self, thrown)
        except BaseException as thrown:
            self._finish_call()
            if self.state != "gone":
                self.state = "failed"
                self._channel.send(_init_failure(describe(thrown), True))
            return
        self._finish_call()
        with self._lock:
            if self.state != "loading":
                return
            self.state = "ready"
        self._cpu.reset()
        release()
        init_ms = (time.perf_counter() - started) * 1000
        self._channel.send(frames.encode_json(frames.SPECIALISED, 0, {"initMs": init_ms}))

    def _invoke(self, stream, flags, payload):
        message, first = frames.decode_meta(payload)
        with self._lock:
            if self.state != "ready" or stream == 0 or stream in self.calls:
                raise frames.ProtocolViolated("Call %d came to an instance that is %s." % (stream, self.state))
            call = Call(stream, message, first, flags & frames.FLAG_END != 0, self._channel.send)
            call.cpu_start = self._cpu.start()
            self.calls[stream] = call
        self._workers.run(lambda release: self._serve(call, release))

    def _serve(self, call, release):
        """Runs one call to its end on a thread of its own."""
        call.release = release
        token = current_call.set(call)
        try:
            self._handler.serve(call, call.response)
            if not call.response.ended:
                raise InvalidResponse("The handler finished without a complete response.")
            self._finish_call()
            if call.stream in self.calls:
                call.response.settle(lambda: self._close(call))
        except SystemExit as thrown:
            exit_by_author(self, thrown)
        except BaseException as thrown:
            self._finish_call()
            self._fail(call, thrown)
        finally:
            current_call.reset(token)
            # The author's objects in it are to go now, not with the next call.
            del call
        self._leave_when_drained()

    def _fail(self, call, thrown):
        if call.stream not in self.calls:
            return
        code = "RESPONSE_INVALID" if isinstance(thrown, InvalidResponse) else "FUNCTION_THREW"
        told = describe(thrown)
        call.response.abandon()
        failure = {"code": code, **told, "cpuUs": self._close(call), "fatal": False}
        self._channel.send(frames.encode_json(frames.ERROR, call.stream, failure))

    def _close(self, call):
        """Right before a call's last frame; returns its CPU time, µs."""
        with self._lock:
            known = self.calls.pop(call.stream, None)
        call.release()
        return self._cpu.stop(call.cpu_start) if known is not None else 0

    def _drain(self):
        with self._lock:
            if self.state in ("draining", "gone"):
                return
            self.state = "draining"
        self._leave_when_drained()

    def _leave_when_drained(self):
        if self.state != "draining":
            return
        with self._lock:
            if self.state != "draining" or self.calls:
                return
            self.state = "gone"
        self._workers.on_main(lambda release: self._leave(self._handler))


def exit_by_author(instance, thrown):
    """The author's code raised SystemExit: the calls fail, and the process ends with its code."""
    code = thrown.code
    said = "" if code is None else repr(code)
    instance.fail_all("FUNCTION_EXITED", "SystemExit", "The code called sys.exit(%s)." % said)
    end_process(code if type(code) is int else 0 if code is None else 1)


def _init_failure(told, fatal):
    failure = {"code": "FUNCTION_INIT_FAILED", **told, "cpuUs": 0, "fatal": fatal}
    return frames.encode_json(frames.ERROR, 0, failure)


_RUNTIME = "python3"

# For calls that end because another one ended the process.
_INSTANCE_ENDED = {
    "code": "FUNCTION_EXITED",
    "name": "InstanceEnded",
    "message": "Another call ended the instance.",
    "stack": "",
    "fatal": True,
}
