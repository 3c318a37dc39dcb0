"""What `scrapy update` and `scrapy backfill` share: their options, how they refuse, and whom they alert."""

from __future__ import annotations

import argparse
import math
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

from crawler.commands import LOCKED, OK, STOPPED, STOPPING, USAGE, complain
from crawler.outlet_loader import OutletLoader
from crawler.plain_command import PlainCommand

if TYPE_CHECKING:
    from collections.abc import Sequence


# What nobody is alerted for.
SILENT = (OK, LOCKED)


def names_in(value: str | Sequence[str]) -> list[str]:
    """Return the names in a text with commas or spaces between them, or in several."""
    texts = [value] if isinstance(value, str) else value
    return [name for text in texts for name in text.replace(",", " ").split()]


def whole_number(text: str) -> int:
    """Return how many a text says. Raises ArgumentTypeError for what is not 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def minutes(text: str) -> float:
    """Return how many minutes a text says. Raises ArgumentTypeError for what is not more than 0."""
    with suppress(ValueError):
        if 0 < (number := float(text)) < math.inf:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")


class JobsCommand(PlainCommand):
    """Crawls several outlets, a process each."""

    stopped_code = STOPPED
    # Whether a signal has told it to stop.
    _is_stopped = False

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that both commands take."""
        super().add_options(parser)
        parser.add_argument("--scope", choices=("national", "all"), default="national", help="which articles")
        parser.add_argument("--jobs", type=whole_number, default=8, metavar="N", help="outlets at a time (8)")
        parser.add_argument("--max-minutes", type=minutes, metavar="M", help="end cleanly after so long")

    def fail(self, sentence: str, exit_code: int) -> None:
        """Refuse, and alert whoever is to know; somebody who mistypes at a terminal is not."""
        self.outlast_signals()
        self.refuse(sentence, exit_code)
        is_typed = sys.stderr is not None and sys.stderr.isatty()
        if exit_code != USAGE or not is_typed:
            self.alert([f"khobor: {sentence}"], [])

    def fail_stopped(self) -> None:
        """Refuse what was stopped in its preparations."""
        self.outlast_signals(is_stopped=True)
        self.fail("stopped early, before the crawls began", STOPPED)

    def outlast_signals(self, is_stopped: bool = False) -> None:
        """Let nothing stop the command from now on: what it has to tell is told once. A signal only hurries it.

        `is_stopped` tells that one has come before.
        """
        self._is_stopped |= is_stopped

        def hurry(number: int, frame: FrameType | None) -> None:
            self._is_stopped = True

        for number in STOPPING:
            # Not SIG_IGN, which the command that is alerted would inherit.
            signal.signal(number, hurry)

    def alert(self, lines: Sequence[str], outlets: Sequence[str]) -> bool:
        """Run ALERT_COMMAND with the lines of a report that tells of outlets, unless all is well.

        Returns False when it failed, which is said.
        """
        from crawler.alerts import alert  # noqa: PLC0415

        command = str(self._settings.get("ALERT_COMMAND") or "")
        if command and self.exitcode not in SILENT:
            facts = {"KHOBOR_EXIT_CODE": str(self.exitcode), "KHOBOR_TOLD": " ".join(outlets)}
            report = "\n".join(lines) + "\n"
            failure = alert(command, report, facts, is_stopped=lambda: self._is_stopped)
            if failure:
                complain(failure)
                return False
        return True

    def outlets(self, named: list[str], left_out: list[str] | None = None) -> list[str]:
        """Return the named outlets, or all there are, without those left out."""
        everything = [name for name in OutletLoader.from_settings(self._settings).list() if name != "urls"]
        return [name for name in dict.fromkeys(named or sorted(everything)) if name not in (left_out or [])]

    def check(self, outlets: list[str]) -> None:
        """Raise Refused when there is nothing to crawl, unless a module can't be loaded: that is reported then."""
        from crawler.preflight import Refused  # noqa: PLC0415

        if not outlets and not OutletLoader.from_settings(self._settings).broken:
            raise Refused("no outlet is left to crawl", USAGE)
