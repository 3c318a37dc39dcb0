"""Child processes that never outlive their parent, and threads that never keep a process from ending."""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from multiprocessing import active_children, forkserver, resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext
from typing import TypeVar

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, number: int = signal.SIGTERM) -> None:
    """Let the kernel signal this process when its parent ends (Linux prctl(2); elsewhere nothing), even by kill -9.

    The signal may come more than once, for a killed parent hands its children from one of its threads to the next.
    `parent` is the expected parent's ID: if it has died already, the signal comes at once.
    """
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    signal.signal(number, signal.SIG_DFL)  # the parent may ignore it
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def fork_server(*preload: str) -> ForkServerContext:
    """Return a context whose processes fork from a server, which has no threads and has loaded some modules.

    The server and its children do not receive SIGHUP, SIGINT and SIGTERM, with which a terminal or a service manager
    addresses them too: this process does. A server that is interrupted while it loads the modules would end.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    # It would unblock SIGINT when it starts.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
    forkserver.ensure_running()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return context


@contextmanager
def starting() -> Iterator[None]:
    """Hold signals back while processes fork from a running server: one under way would be left behind.

    A mask of the main thread would not do: another thread, such as that of a progress bar, would receive them.
    """
    held: list[int] = []
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
    before = [(number, signal.signal(number, lambda number, _: held.append(number))) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
        for one in held:  # the first one that is not ignored ends this
            signal.raise_signal(one)


def kill_children() -> None:
    """Kill the processes of an executor that needs them no more.

    They receive no SIGTERM, and after one was killed the others may wait forever for a lock that it had: so would their
    executor.
    """
    for process in active_children():
        process.kill()


def end_with_parent() -> None:
    """End this child of `multiprocessing` when its parent has ended."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), name="parent", daemon=True).start()


def _end_with(parent: int) -> None:
    # The kernel's death signal does not serve: the parent by birth is the fork server, which lives as long as they do.
    wait([parent])
    os._exit(1)


Result = TypeVar("Result")


def in_background(name: str, work: Callable[[], Result]) -> Future[Result]:
    """Start work in a daemon thread; its future has the result or the exception. The work must be repeatable."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 (as an executor does: `result` raises it)
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
