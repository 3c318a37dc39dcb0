"""Casting of a story: who, where and how many, so that no two turns of one story get the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from math import gcd

from crawler.demo import names
from crawler.demo.calendars import MONTHS, WEEKDAYS
from crawler.demo.words import Count, Person, Word, digits

STRIDES = (389, 397, 401, 409, 419)
POOLS: dict[str, Sequence[str]] = {
    "man": names.men(),
    "woman": names.pairs(names.WOMEN, names.WOMEN_LAST),
    "other": names.split(names.OTHERS),
    "hill": names.split(names.HILL_PEOPLE),
    "village": names.split(names.VILLAGES),
    "morning": names.split("সকাল ৭টা|সকাল সাড়ে ৭টা|সকাল ৮টা|সকাল সাড়ে ৮টা|সকাল ৯টা|সকাল সাড়ে ৯টা|সকাল ১০টা"),
    "noon": names.split("বেলা সাড়ে ১১টা|দুপুর ১২টা|দুপুর সাড়ে ১২টা|বেলা ১টা|বেলা দেড়টা|বেলা ২টা|বেলা আড়াইটা"),
    "evening": names.split("বিকেল ৪টা|বিকেল সাড়ে ৪টা|বিকেল ৫টা|বিকেল সাড়ে ৫টা|সন্ধ্যা ৬টা|সন্ধ্যা ৭টা"),
    "late": names.split("রাত সাড়ে ১২টা|রাত ১টা|রাত সোয়া ১টা|রাত দেড়টা|রাত ২টা|রাত আড়াইটা|রাত ৩টা"),
    "night": names.split("রাত ৮টা|রাত সাড়ে ৮টা|রাত ৯টা|রাত সাড়ে ৯টা|রাত ১০টা|রাত সাড়ে ১০টা|রাত ১১টা"),
}
PEOPLE = ("man_", "woman_", "other_", "hill_")
places = cache(names.places)


@cache
def stride(size: int) -> int:
    """Return a step that visits every index below `size` before any comes again."""
    return next(step for step in STRIDES if gcd(step, size) == 1)


def turned(turn: int, salt: str, size: int) -> int:
    """Return an index below `size`, different for `size` consecutive turns."""
    start = int.from_bytes(hashlib.sha256(salt.encode()).digest()[:4])
    return (turn * stride(size) + start) % size


class Cast(dict[str, Word | Count]):
    """The slots of one turn of a story, filled when a sentence first asks for them.

    `{district}`, `{upazila}` and `{river}`; `{man_driver}`, `{woman_nurse}`, `{village}`, `{morning}`: an
    entry of that pool; `{weekday}`, `{date}` of the event, `{weekday_2}`, `{date_9}` so many days before it,
    `{coming_5}` after it; the figures, sums and choices that the story declares.
    """

    def __init__(self, story: str, turn: int, event: date, where: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.story, self.turn, self.event = story, turn, event
        candidates = places(where)
        place = candidates[turned(turn, story, len(candidates))]
        self["district"], self["upazila"], self["river"] = (
            Word(place.district),
            Word(place.upazila),
            Word(place.river),
        )
        self["month"] = Word(MONTHS[event.month - 1])
        self["year"] = Count(event.year)

    def __missing__(self, slot: str) -> Word:
        kind, _, argument = slot.partition("_")
        value = self._day(kind, argument) if kind in ("weekday", "date", "coming") else self._entry(kind, slot)
        self[slot] = value
        return value

    def _day(self, kind: str, distance: str) -> Word:
        days = timedelta(days=int(distance or 0))
        day = self.event + days if kind == "coming" else self.event - days
        if kind == "weekday":
            return Word(WEEKDAYS[day.weekday()])
        return Word(f"{digits(day.day)} {MONTHS[day.month - 1]}")

    def _entry(self, kind: str, slot: str) -> Word:
        return self.choose(slot, POOLS[kind])

    def choose(self, slot: str, options: Sequence[str]) -> Word:
        """Fill a slot with one of the options."""
        option = options[turned(self.turn, f"{self.story}/{slot}", len(options))]
        value = Person(option) if slot.startswith(PEOPLE) else Word(option)
        self[slot] = value
        return value

    def count(self, slot: str, low: int, high: int, step: int = 1) -> None:
        """Fill a slot with a figure from `low` to `high` in steps."""
        size = (high - low) // step + 1
        self[slot] = Count(low + step * turned(self.turn, f"{self.story}/{slot}", size))

    def add(self, slot: str, *parts: str) -> None:
        """Fill a slot with the sum of figures that have one."""
        self[slot] = Count(sum(int(self[part]) for part in parts))
