"""The cast of an article: its persons, place, days and figures, and its byline.

Consecutive turns of a story get different ones.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import gcd
from typing import Literal

from crawler.demo.calendars import MONTHS, WEEKDAYS
from crawler.demo.names import DESKS, INITIALS, POOLS, places
from crawler.demo.words import Figure, Person, Word, digits

STRIDES = (389, 397, 401, 409, 419)
PEOPLE = ("man_", "woman_", "other_", "hill_")
PLACE_AND_TIME = ("district", "upazila", "river", "month", "year")
DAYS = ("weekday", "date", "coming")
WIRE_CREDIT = "সূত্র: বাসস।"


@cache
def stride(size: int) -> int:
    """Return a step that visits every index below `size` before it repeats one."""
    return next(step for step in STRIDES if gcd(step, size) == 1)


def turned(turn: int, salt: str, size: int) -> int:
    """Return an index below `size`; `size` consecutive turns get different ones."""
    start = int.from_bytes(hashlib.sha256(salt.encode()).digest()[:4])
    return (turn * stride(size) + start) % size


def is_standard_slot(slot: str) -> bool:
    """Return whether every story can use the slot without declaring it."""
    kind, _, argument = slot.partition("_")
    if kind in DAYS:
        return argument.isdigit() or slot in ("weekday", "date")
    return kind in POOLS or slot in PLACE_AND_TIME


class Cast(dict[str, Word | Figure]):
    """The slots of one turn of a story. A slot is filled when a sentence first uses it.

    Slots of place and time: `{district}`, `{upazila}`, `{river}`; `{month}` and `{year}` of the event.
    Slots of persons, villages and hours are entries of a pool: `{man_driver}`, `{woman_nurse}`, `{village}`.
    Slots of days: `{weekday}` and `{date}` of the event, `{date_9}` nine days earlier, `{coming_5}` five days later.
    A story adds its own figures, sums and choices.
    """

    def __init__(self, story: str, turn: int, event: date, where: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.story, self.turn, self.event = story, turn, event
        candidates = places(where)
        place = candidates[turned(turn, story, len(candidates))]
        self["district"], self["upazila"], self["river"] = map(Word, (place.district, place.upazila, place.river))
        self["month"] = Word(MONTHS[event.month - 1])
        self["year"] = Figure(event.year)

    def __missing__(self, slot: str) -> Word | Figure:
        kind, _, argument = slot.partition("_")
        if kind in DAYS:
            self[slot] = self._day(kind, int(argument or 0))
        else:
            self.choose(slot, POOLS[kind])
        return self[slot]

    def _day(self, kind: str, distance: int) -> Word:
        days = timedelta(days=distance)
        day = self.event + days if kind == "coming" else self.event - days
        if kind == "weekday":
            return Word(WEEKDAYS[day.weekday()])
        return Word(f"{digits(day.day)} {MONTHS[day.month - 1]}")

    def choose(self, slot: str, options: Sequence[str]) -> None:
        """Fill a slot with one of the options."""
        option = options[self._turned(slot, len(options))]
        self[slot] = Person(option) if slot.startswith(PEOPLE) else Word(option)

    def count(self, slot: str, low: int, high: int, step: int = 1) -> None:
        """Fill a slot with a figure from `low` to `high` in steps."""
        self[slot] = Figure(low + step * self._turned(slot, (high - low) // step + 1))

    def add(self, slot: str, *parts: str) -> None:
        """Fill a slot with the sum of other slots."""
        self[slot] = Figure(sum(int(self[part]) for part in parts))

    def _turned(self, slot: str, size: int) -> int:
        return turned(self.turn, f"{self.story}/{slot}", size)


@dataclass(frozen=True, slots=True)
class Byline:
    """A byline as printed, and the name and kind of the credited author."""

    printed: str
    name: str
    kind: Literal["person", "desk", "agency"]


WIRE_BYLINE = Byline("বাসস", "বাসস", "agency")


def byline_of(outlet: str, topic: str, key: int, district: str, upazila: str) -> Byline:
    """Return the byline of an article that is not wire copy."""
    reporter = POOLS["man"][turned(key % 17, f"{outlet}/reporters", len(POOLS["man"]))]
    if key % 5 == 0:
        return Byline(reporter, reporter, "person")
    if topic == "national" and key % 5 == 3:
        return Byline(f"{reporter}, {district}", reporter, "person")
    desks = DESKS[topic]
    if topic == "national" and key % 5 == 4:
        desks = (f"{district} প্রতিনিধি", f"{upazila} ({district}) প্রতিনিধি", f"জেলা প্রতিনিধি, {district}")
    desk = desks[key // 5 % len(desks)]
    return Byline(desk, desk, "desk")


def initials_of(outlet: str, key: int) -> str | None:
    """Return the initials with which a desk of the portal signed an article."""
    return INITIALS[key // 4 % len(INITIALS)] if outlet == "portal" and key % 4 == 1 else None
