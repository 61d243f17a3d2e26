"""Machines of one's own: a function in new network, mount and process namespaces.

The process is forked, so that nothing has to be loaded again: a program of its own would take most
of a proof's time to start.
"""

import ctypes
import os
import select
import signal
import tempfile
import time
import traceback

CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x00020000, 0x20000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def run(function, seconds):
    """Returns what the function wrote to standard output and to standard error; no output but None
    where it was not done in time. When this returns, the kernel has ended whatever it started."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile("w+") as errors:
        guard = os.fork()
        if not guard:
            os.close(reading)
            keep_guard(function, writing, errors.fileno())
        os.close(writing)
        try:
            output = read_all(reading, time.monotonic() + seconds)
        finally:
            os.close(reading)
            os.kill(guard, signal.SIGKILL)
            os.waitpid(guard, 0)
        errors.seek(0)
        return output, errors.read()


def read_all(descriptor, deadline):
    output = b""
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return None
        part = os.read(descriptor, 65536)
        if not part:
            return output.decode()
        output += part


def keep_guard(function, output, errors):
    """Makes the namespaces and waits for the first process in them, which dies with this one, as
    everything does that is in a process namespace with it."""
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.close(output)
        check(libc.unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET))
        check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
        first = os.fork()
        if first:
            os.waitpid(first, 0)
        else:
            check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
            os.write(1, function().encode())
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(0)
