"""The days whose lists earlier updates could not read, and those that this one leaves."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from crawler.model.span import BadArgument, read_date
from crawler.outlets.sources import SourceByDay, Visit


class MissedDays:
    """The days (YYYY-MM-DD) of each source, by address; `left` holds those that are still unread during the crawl."""

    def __init__(self, days: Mapping[str, Sequence[str]]) -> None:
        self._days = dict(days)
        self.left: dict[str, list[str]] = {}
        self._tracked: dict[str, list[str]] = {}
        self._read: defaultdict[str, set[str]] = defaultdict(set)
        # Days that could be read in part only.
        self._spoilt: defaultdict[str, set[str]] = defaultdict(set)

    @classmethod
    def parsed(cls, text: str) -> MissedDays:
        """Read a JSON object of lists of days. Raises BadArgument."""
        try:
            given: dict[str, list[str]] = json.loads(text)
            found = {url: [str(read_date("missed", day)) for day in days] for url, days in given.items()}
        except (ValueError, TypeError, AttributeError):
            raise BadArgument(f"missed={text} is no JSON object of lists of days.") from None
        return cls(found)

    def of(self, url: str) -> Sequence[str]:
        return self._days.get(url, ())

    def gone(self, declared: Collection[str]) -> set[str]:
        """Return the days of addresses that are no longer declared: their corrections inherit them."""
        return {day for url, days in self._days.items() if url not in declared for day in days}

    def track(self, url: str, usual: Collection[str], gone: Collection[str] = ()) -> None:
        """Begin to keep a source's days in `left`: its missed ones, else the `usual` ones.

        A new source inherits the days of addresses that are `gone`: it may replace one of them.
        """
        self._tracked[url] = sorted(self._days.setdefault(url, list(gone)) or usual)
        self.left[url] = list(self._tracked[url])

    def note(self, visit: Visit, is_read: bool) -> None:
        """Note whether a list could be read: of the day of a visit, or of all days if the source is not by day."""
        url = visit.source.url
        if url in self.left:
            days = [visit.span.since.isoformat()] if isinstance(visit.source, SourceByDay) else self._tracked[url]
            (self._read if is_read else self._spoilt)[url].update(days)
            done = self._read[url] - self._spoilt[url]
            self.left[url][:] = (day for day in self._tracked[url] if day not in done)
