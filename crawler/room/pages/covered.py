"""The coverage of the last days as cells of a table: outlets and days, coloured by the number of articles."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from crawler.outlets.outlet import Outlet
from crawler.room.search.counts import busiest, counts_of_days, last_day, level
from crawler.system import clock

DAYS = 30


def today() -> date:
    return clock.today(Outlet.zone())


@dataclass(frozen=True)
class Covered:
    """The articles of some days, by outlet and day."""

    days: list[date]
    counts: Mapping[str, Mapping[date, int]]

    @classmethod
    def last_days(cls, connection: sqlite3.Connection) -> Self:
        """Return the last days with articles that are not in the future."""
        last = last_day(connection, today())
        days = [last - timedelta(number) for number in reversed(range(DAYS))]
        return cls(days, counts_of_days(connection, days[0], days[-1]))

    def as_data(self) -> dict[str, Any]:
        coverage = {name: {day.isoformat(): count for day, count in of.items()} for name, of in self.counts.items()}
        return {"days": [day.isoformat() for day in self.days], "coverage": coverage}

    def sum(self) -> dict[str, Any]:
        """Return the line of all outlets, which has no name."""
        every: Counter[date] = Counter()
        for of in self.counts.values():
            every.update(of)
        return self._line(None, every)

    def lines(self, most: int | None = None) -> list[dict[str, Any]]:
        """Return the lines of the outlets, in the order of their names; of the busiest ones if there are more."""
        names = sorted(self.counts, key=lambda name: -sum(self.counts[name].values()))[:most]
        return [self._line(name, self.counts[name]) for name in sorted(names)]

    def _line(self, name: str | None, counts: Mapping[date, int]) -> dict[str, Any]:
        found = cells(self.days, counts, busiest(counts.values()))
        return {"outlet": name, "cells": found, "total": sum(counts.values())}


def cells(days: list[date], counts: Mapping[date, int], most: int) -> list[dict[str, Any]]:
    """Return the cells of days, coloured beside a busy day."""
    found = ((day, counts.get(day, 0)) for day in days)
    return [{"day": day.isoformat(), "articles": count, "level": level(count, most)} for day, count in found]
