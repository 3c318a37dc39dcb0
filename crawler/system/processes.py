"""Child processes that never outlive their parent, even after kill -9.

Work in threads that never keep a process from ending: what they are in the midst of can be done again."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, number: int = signal.SIGTERM) -> None:
    """Ask the kernel to signal this process when its parent ends (Linux prctl(2); elsewhere nothing).

    The signal is heard though the parent has it ignored, and may come more than once: a parent that is killed hands its
    children from one of its threads to the next. `parent` is the process id the caller expects as its parent: had it
    died before the request took hold, no signal would ever come.
    """
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    signal.signal(number, signal.SIG_DFL)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


Result = TypeVar("Result")


def in_background(name: str, work: Callable[[], Result]) -> Future[Result]:
    """Begin work in a thread of its own; whatever it raises is kept in its future."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 (as an executor does: it is raised where the result is asked for)
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
