"""Read settings that are numbers. Each reader states the range."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from crawler.model.exit_codes import USAGE, Refused

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

# A hundred years: a date plus or minus this stays within the calendar.
DAYS = 36_500
HOURS, MINUTES, SECONDS = DAYS * 24, DAYS * 1440, DAYS * 86_400

N = TypeVar("N", int, float)


def whole(settings: BaseSettings, name: str, least: int = 0, most: int = sys.maxsize) -> int:
    """Return a setting as a whole number from `least` to `most`. Raises Refused."""
    found = parsed(int, value := settings.get(name), least, most)
    return _given(found, f"{name}={value} is not a whole number", least, most)


def number(settings: BaseSettings, name: str, least: int = 0, most: int = sys.maxsize) -> float:
    """Return a setting as a number from `least` to `most`. Raises Refused."""
    found = parsed(float, value := settings.get(name), least, most)
    return _given(found, f"{name}={value} is not a number", least, most)


def hours(settings: BaseSettings, name: str) -> timedelta:
    """Return a setting in hours as a duration. Raises Refused."""
    return timedelta(hours=number(settings, name, 0, HOURS))


def parsed(kind: Callable[[Any], N], value: object, least: int, most: int) -> N | None:
    """Return a number or its text as a number of this kind, None unless it is one from `least` to `most`."""
    try:
        found = kind(value)
    except (TypeError, ValueError, OverflowError):
        return None
    # A settings module may have 1.5, which int() truncates.
    is_truncated = isinstance(value, float) and value != found
    return found if least <= found <= most and not is_truncated else None


def _given(found: N | None, refusal: str, least: int, most: int) -> N:
    if found is None:
        raise Refused(f"{refusal} from {least} {'on' if most == sys.maxsize else f'to {most}'}", USAGE)
    return found
