"""The current moment. Only this module reads the machine's date; `make lint` checks that.

KHOBOR_CLOCK_SHIFT moves the clock of a process and of all that it starts: `-3d` repeats a run of three days ago. Moved
clocks go on, so consecutive runs keep their order. Time-outs use `time.monotonic`, which nothing moves.
"""

import os
import re
import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache

SHIFT = "KHOBOR_CLOCK_SHIFT"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "": "seconds"}


class BadShift(ValueError):
    """The variable that moves the clock is invalid; the message is one sentence for the person who set it."""


def now(zone: tzinfo = UTC) -> datetime:
    """Return the current moment in a time zone. Raises BadShift."""
    return machine_now(zone) + shift()


def today(zone: tzinfo) -> date:
    """Return the current day in a time zone. Raises BadShift."""
    return now(zone).date()


def timestamp() -> float:
    """Return the seconds since 1970. Raises BadShift."""
    return time.time() + shift().total_seconds()


def machine_now(zone: tzinfo = UTC) -> datetime:
    """Return the moment that the machine's clock shows, for what other machines compare with theirs."""
    return datetime.now(zone)


def shift() -> timedelta:
    """Return by how much the clock is moved. Raises BadShift."""
    return _read(os.environ.get(SHIFT, ""))


@cache
def _read(text: str) -> timedelta:
    match = re.fullmatch(r"([+-]?[0-9]+(?:\.[0-9]+)?)([smhd]?)", text.strip(), re.ASCII)
    if not text:
        return timedelta()
    if not match:
        raise BadShift(f"{SHIFT}={text} is not a number of days, hours, minutes or seconds such as -3d, +12h or 90s.")
    try:
        moved = timedelta(**{_UNITS[match[2]]: float(match[1])})
        machine_now() + moved
    except OverflowError:
        raise BadShift(f"{SHIFT}={text} leads beyond the calendar.") from None
    return moved
