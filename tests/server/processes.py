"""Child processes that do not get lost when this one is interrupted."""

import contextlib
import signal
import subprocess
import threading

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def uninterrupted():
    """What would stop this process takes effect at the end of the block. Interrupted while it starts one, Popen()
    leaves a process behind that nobody knows of."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    arrived = []
    handlers = {number: signal.signal(number, lambda number, _frame: arrived.append(number)) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in arrived[:1]:
            signal.raise_signal(number)


def run(command, given=None, timeout=None, **how):
    """Runs a command to its end, which is also the end of it if this is interrupted: (exit status, output, errors)."""
    process = None
    try:
        with uninterrupted():
            process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **how)
        output, errors = process.communicate(given, timeout)
        return process.returncode, output, errors
    except BaseException:
        if process is not None:
            process.kill()
            process.wait()
        raise
