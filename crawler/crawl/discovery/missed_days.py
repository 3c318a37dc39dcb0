"""The days for which an outlet's updates could not read its sources."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from crawler.model.span import BadArgument, read_date
from crawler.outlets.sources import SourceByDay, Visit


class MissedDays:
    """By the address of a source: the days (YYYY-MM-DD) that it is to be asked for again, and those left of them.

    `left` holds lists that change as the crawl goes on.
    """

    def __init__(self, days: Mapping[str, Sequence[str]]) -> None:
        self._days = dict(days)
        self.left: dict[str, list[str]] = {}
        self._tracked: dict[str, list[str]] = {}
        self._read: defaultdict[str, set[str]] = defaultdict(set)
        # What could be read in part only.
        self._spoilt: defaultdict[str, set[str]] = defaultdict(set)

    @classmethod
    def parsed(cls, text: str) -> MissedDays:
        """Read a JSON object of lists of days. Raises BadArgument."""
        try:
            told: dict[str, list[str]] = json.loads(text)
            found = {url: [str(read_date("missed", day)) for day in days] for url, days in told.items()}
        except (ValueError, TypeError, AttributeError):
            raise BadArgument(f"missed={text} is no JSON object of lists of days.") from None
        return cls(found)

    def of(self, url: str) -> Sequence[str]:
        """Return the days that a source is to be asked for again."""
        return self._days.get(url, ())

    def gone(self, declared: Collection[str]) -> set[str]:
        """Return the days of addresses that are declared no longer: those are corrected."""
        return {day for url, days in self._days.items() if url not in declared for day in days}

    def track(self, url: str, usual: Collection[str], gone: Collection[str] = ()) -> None:
        """Keep in `left` what is left of a source's days, which has the `usual` ones where none are.

        One never met before has those of addresses that are `gone`: it may stand where they did.
        """
        self._tracked[url] = sorted(self._days.setdefault(url, list(gone)) or usual)
        self.left[url] = list(self._tracked[url])

    def note(self, visit: Visit, is_read: bool) -> None:
        """Note whether all could be read that a source lists: by day for the day of a visit, else for all days."""
        url = visit.source.url
        if url in self.left:
            days = [visit.span.since.isoformat()] if isinstance(visit.source, SourceByDay) else self._tracked[url]
            (self._read if is_read else self._spoilt)[url].update(days)
            done = self._read[url] - self._spoilt[url]
            self.left[url][:] = (day for day in self._tracked[url] if day not in done)
