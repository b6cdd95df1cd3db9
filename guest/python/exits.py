"""Lets the platform know before the process ends by the author's own hand."""

import os
import signal

# Held: the author's code gets others.
end_process = os._exit


def guard_exits(instance):
    """Running calls fail with a reason instead of a closed socket. A forked child ends without a word."""
    own_pid = os.getpid()
    exit_now, abort, kill, kill_group = os._exit, os.abort, os.kill, os.killpg

    def ending(how):
        if os.getpid() == own_pid:
            instance.fail_all("FUNCTION_EXITED", "ProcessExit", "The code called %s." % how)

    def guarded_exit(status=0):
        ending("os._exit(%r)" % (status,))
        exit_now(status)

    def guarded_abort():
        ending("os.abort()")
        abort()

    def guarded_kill(pid, number):
        # 0 is the process's own group, -1 everybody: both include it.
        if pid in (own_pid, -own_pid, 0, -1) and _ends(number):
            ending("os.kill(os.getpid(), %d)" % number)
        return kill(pid, number)

    def guarded_kill_group(group, number):
        if group in (0, os.getpgrp()) and _ends(number):
            ending("os.killpg(os.getpgrp(), %d)" % number)
        return kill_group(group, number)

    os._exit, os.abort, os.kill, os.killpg = guarded_exit, guarded_abort, guarded_kill, guarded_kill_group


def _ends(number):
    """Whether this signal ends a process that has no handler for it."""
    if number in (0, signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH):
        return False
    try:
        return number == signal.SIGKILL or signal.getsignal(number) == signal.SIG_DFL
    except (ValueError, OSError):
        return False
