"""Our commands, one file each; here their exit codes and how they speak."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

from crawler.printable import printable

OK, FAILED, USAGE, UNHEALTHY, REFUSED, STOPPED, LOCKED = 0, 1, 2, 3, 4, 5, 75
STOPPING = (signal.SIGINT, signal.SIGTERM)


class Interrupted(SystemExit, KeyboardInterrupt):
    """Ctrl-C or SIGTERM has stopped a command; it exits with `code`, also where nobody has a word to add."""

    code: int


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


def stop_on_signals(exit_code: int | None) -> None:
    """Let Ctrl-C, SIGTERM and a terminal's end raise Interrupted: with an exit code, or 128 and the signal's number."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Interrupted(exit_code or 128 + number)

    terminals = [stream for stream in (1, 2) if os.isatty(stream)]

    def hang_up(number: int, frame: FrameType | None) -> None:
        # Once: a second SIGTERM would leave what is under way.
        signal.signal(number, signal.SIG_IGN)
        # What is said to a terminal that is gone goes nowhere. The rest is as after SIGTERM, whoever answers that now.
        for stream in terminals:
            if not os.isatty(stream):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        signal.raise_signal(signal.SIGTERM)

    for number, handler in ((signal.SIGINT, stop), (signal.SIGTERM, stop), (signal.SIGHUP, hang_up)):
        # What was started in the background is not meant by Ctrl-C, nor what nohup started by its terminal's end.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)
