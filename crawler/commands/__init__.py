"""Our commands, one file each; here their exit codes and how they speak."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from crawler.printable import printable

OK, FAILED, USAGE, UNHEALTHY, REFUSED, STOPPED, LOCKED = 0, 1, 2, 3, 4, 5, 75


def say(line: str) -> None:
    """Print a line of result."""
    print(line, flush=True)


def trouble(line: str) -> None:
    """Print a line about what is wrong with an outlet."""
    print(printable(line), file=sys.stderr, flush=True)


def complain(sentence: str) -> None:
    """Print the one line that tells what is wrong, if there is somewhere to."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"khobor: {printable(sentence)}", file=sys.stderr, flush=True)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM stop a command as SIGINT does: by a KeyboardInterrupt, with the signal's number."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt(number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def stopped_by(error: KeyboardInterrupt) -> int:
    """Return the exit code of a command that a signal stopped: 130 or 143."""
    return 128 + (error.args[0] if error.args else signal.SIGINT)
