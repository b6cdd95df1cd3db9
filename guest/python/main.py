"""Wires the guest and runs it."""

import os
import sys
import threading

from . import exits
from .bytecode import use_bytecode
from .channel import Channel
from .dialects import find_dialect
from .environment import become_function
from .failure import HandlerUnusable
from .handler_loader import load_handler
from .instance import Instance
from .log_collector import LogCollector
from .output import Output
from .own_calls import OwnCalls
from .shutdown import shut_down
from .thread_calls import carry_calls
from .warming import warm
from .workers import Workers

# The descriptor of the protocol socket.
_GUEST_FD = 3
_PROTOCOL_VIOLATED = 76


def run():
    """Runs the guest until it ends; never returns."""
    logs = LogCollector()
    channel = Channel(_GUEST_FD, logs.take)
    output = Output(logs)
    own_calls = OwnCalls()
    workers = Workers()

    def load(message):
        become_function(message)
        own_calls.become(message["own"])
        dialect = find_dialect(message["dialect"])
        if dialect is None:
            raise HandlerUnusable('This runtime does not speak the dialect "%s".' % message["dialect"])
        dialect.prepare(message)
        new_bytecode = use_bytecode(message)
        handler = dialect.bind(load_handler(message, dialect.package_of(message)), message)
        # Before any call comes: what it was sent could make its mark in bytecode that later instances trust.
        for frame in new_bytecode():
            channel.send(frame)
        return handler

    instance = Instance(
        channel,
        workers,
        load,
        lambda handler: shut_down(handler, channel, logs),
        output.finish_lines,
    )
    output.install()
    carry_calls()
    own_calls.install()
    exits.guard_exits(instance)
    os.register_at_fork(after_in_child=lambda: _forked(channel, logs, output))
    # The code's folder is read-only, and where it is not, other instances will use it.
    sys.dont_write_bytecode = True
    _start(logs.send_regularly, channel.flush)
    _start(
        channel.read,
        instance.frame,
        lambda: exits.end_process(_PROTOCOL_VIOLATED),
        lambda: exits.end_process(0),
    )
    # A function that comes meanwhile ends the warming: somebody waits for it.
    warm(lambda: instance.state == "booting", load)
    instance.boot("python3")
    workers.run_main()


def _start(target, *args):
    threading.Thread(target=target, args=args, daemon=True).start()


def _forked(channel, logs, output):
    """A forked child is a process of the author's: it has no platform to speak to."""
    channel.disown()
    logs.forget()
    output.uninstall()
