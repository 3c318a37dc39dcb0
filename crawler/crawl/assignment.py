"""The assignment of a crawl: the days and the scope that it is for, and the visits to the sources that list them."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from crawler.model.span import ONE_DAY, BadArgument, OutOfReach, Span, Wanted, read_date, read_span
from crawler.outlets.outlet import Outlet
from crawler.outlets.selection import Selection
from crawler.outlets.sources import DailySitemap, NewestArticles, Source, SourceByDay, Visit, reach
from crawler.system import clock

SCOPES = ("national", "all")

# A backfill of days that are not closed: "open" fetches their articles, "retry" also those that failed for good,
# "count" none.
BACKFILLS = (None, "open", "retry", "count")


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


class Assignment:
    """Two days of an outlet or a span, its national news or all, by the arguments of a crawl.

    `is_update` is true for the crawls of an update, which look back over the days that earlier ones missed.
    """

    def __init__(
        self,
        outlet: Outlet | type[Outlet],
        since: str | None = None,
        until: str | None = None,
        scope: str = "national",
        backfill: str | None = None,
        missed: str | None = None,
    ) -> None:
        """Raise BadArgument. `missed` are the days that earlier updates missed: JSON, lists by address of source."""
        if scope not in SCOPES:
            raise BadArgument(f"scope={scope} is neither national nor all.")
        if backfill not in BACKFILLS:
            raise BadArgument(f"backfill={backfill} is neither open nor retry nor count.")
        self.arguments = {"since": since, "until": until, "scope": scope, "backfill": backfill, "missed": missed}
        self.logger = logging.getLogger(outlet.name)
        self.outlet = outlet
        self.scope = scope
        self.backfill = backfill
        self.missed = MissedDays.parsed(missed or "{}")
        self.is_update = False
        self.span = self._reachable(read_span(since, until, outlet.zone()))
        self.wanted = Wanted(self.span, scope, is_span_strict=bool(since or until))

    def _reachable(self, span: Span) -> Span:
        """Return the part of a span that the outlet's sources list. Raises BadArgument if none does."""
        days = self.outlet.days
        if self.backfill and not days:
            raise OutOfReach(f"{self.outlet.name} has no source that lists past days: it can't be backfilled.")
        reached = reach(days, span) if days else span
        if span.is_recent and not self.backfill:
            # Feeds and section pages list the last days, whatever the sources by day do.
            reached = replace(reached or span, until=span.until)
        if reached is None:
            known = ", ".join(source.period for source in days)
            raise OutOfReach(f"{self.outlet.name} lists {known}: no day from {span.since} to {span.until}.")
        if reached != span:
            self.logger.info("cut to %s to %s: no source lists more", reached.since, reached.until)
        return reached

    @property
    def today(self) -> date:
        return clock.today(self.outlet.zone())

    def selection(self) -> Selection:
        return Selection(self.outlet, self.wanted)

    def visits(self) -> Iterator[Visit]:
        """Yield the first visits: to the sources by day, and to the current ones if they reach the span."""
        for source in (one.at(self.outlet.home) for one in self.outlet.sources()):
            if self.is_asked(source):
                yield from source.visits(self.span)

    def is_asked(self, source: Source) -> bool:
        """Return whether a source can list articles of the assignment, or missed days."""
        if self.missed.of(source.url):
            return True
        if isinstance(source, SourceByDay):
            # Daily sitemaps list new articles too; archives and the like are for past days.
            return self.wanted.is_span_strict or isinstance(source, DailySitemap)
        in_scope = self.scope == "all" or source.national or not isinstance(source, NewestArticles)
        return in_scope and (not self.outlet.days or (self.span.is_recent and not self.backfill))

    def is_missing(self, visit: Visit) -> bool:
        """Return whether a visit requests a list that is new or was missed: updates read no list of a day twice."""
        if not self.is_update or not isinstance(visit.source, SourceByDay):
            return True
        missed = self.missed.of(visit.source.url)
        if visit.span.since.isoformat() in missed:
            return True
        # Days missed before yesterday are requested after a list of the last days could be read.
        yesterday = (self.today - ONE_DAY).isoformat()
        is_usual = isinstance(visit.source, DailySitemap) or any(day < yesterday for day in missed)
        return is_usual and not self.looks_back(visit)

    def looks_back(self, visit: Visit) -> bool:
        """Return whether an update visits a source by day for a day before the last two that it lists."""
        reached = visit.source.reach(self.span) if self.is_update and isinstance(visit.source, SourceByDay) else None
        return reached is not None and visit.span.until < reached.until - ONE_DAY

    def day_of_visit(self, visit: Visit) -> date | None:
        """Return the day whose list a visit of a backfill requests."""
        return visit.span.since if self.backfill and isinstance(visit.source, SourceByDay) else None
