"""Our commands, one file each; here their exit codes and how they speak."""

from __future__ import annotations

import sys

from crawler.printable import printable

OK, FAILED, USAGE, UNHEALTHY, STOPPED, LOCKED = 0, 1, 2, 3, 5, 75


def say(line: str) -> None:
    """Print a line of result."""
    print(line, flush=True)


def complain(sentence: str) -> None:
    """Print the one line that tells what is wrong."""
    print(f"khobor: {printable(sentence)}", file=sys.stderr, flush=True)
