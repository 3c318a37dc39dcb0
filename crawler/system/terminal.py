"""Our commands, one file each; here their exit codes and how they speak.

Texts of others on our terminals and in our logs.

What runs left behind, as one line for cron's mail or a table for a terminal."""

from __future__ import annotations

import os
import signal
import sys
import unicodedata
from contextlib import suppress
from types import FrameType

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


def printable(text: str) -> str:
    """Return a text in which nothing steers a terminal or hides: control and directional marks are spelled out."""
    return "".join(_spelled(character) if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    # Joiners are Bengali spelling; the other format characters turn the direction of text or are not seen.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in "\u200c\u200d"


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def counted(number: int, thing: str) -> str:
    """Return `1 outlet`, `2 outlets`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def readable(count: float) -> str:
    """Return a number of bytes for people: `1.5 MB`, powers of 1000."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
