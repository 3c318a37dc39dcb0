"""The assignment of a crawl: the days and the scope that its arguments ask for, and the sources that list them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from scrapy import Spider

from crawler.model.span import BadArgument, Span, Wanted, read_span
from crawler.outlets.outlet import Outlet
from crawler.outlets.selection import Selection
from crawler.outlets.sources import DailySitemap, Section, Source, SourceByDay, Visit, reach

SCOPES = ("national", "all")

# What a backfill does about the days that are not closed yet: it fetches their articles, those too that have failed
# for good, or only counts them.
BACKFILLS = (None, "open", "retry", "count")


class Assigned(Outlet, Spider):
    """An outlet that was told what is wanted of it: two days, or a span; its national news, or all."""

    def __init__(
        self,
        since: str | None = None,
        until: str | None = None,
        scope: str = "national",
        backfill: str | None = None,
        **unknown: Any,
    ) -> None:
        """Take the arguments given with -a. Raises BadArgument."""
        super().__init__()
        self.check_sources()
        if unknown:
            raise BadArgument(f"{self.name} has no argument {next(iter(unknown))}.")
        if scope not in SCOPES:
            raise BadArgument(f"scope={scope} is neither national nor all.")
        if backfill not in BACKFILLS:
            raise BadArgument(f"backfill={backfill} is neither open nor retry nor count.")
        self.scope = scope
        self.backfill = backfill
        self._arguments = {"since": since, "until": until, "scope": scope, "backfill": backfill}
        self.is_span_asked = bool(since or until)
        self.span = self.reachable(read_span(since, until, self.zone()))

    def reachable(self, span: Span) -> Span:
        """Return the part of a span that the outlet's sources list. Raises BadArgument when none does."""
        if self.backfill and not self.days:
            raise BadArgument(f"{self.name} has no source that lists past days: it can't be backfilled.")
        reached = reach(self.days, span) if self.days else span
        if span.is_recent and not self.backfill:
            # Feeds and section pages list the last days, whatever the sources by day do.
            reached = replace(reached or span, until=span.until)
        if reached is None:
            known = ", ".join(source.period for source in self.days)
            raise BadArgument(f"{self.name} lists {known}: no day from {span.since} to {span.until}.")
        if reached != span:
            self.logger.info("cut to %s to %s: no source lists more", reached.since, reached.until)
        return reached

    def visits(self) -> Iterator[Visit]:
        """Yield the first visits: to the sources by day, and to the current ones if they reach the span."""
        for source in (one.at(self.home) for one in self.sources()):
            if self.is_asked(source):
                yield from source.visits(self.span)

    def is_asked(self, source: Source) -> bool:
        """Tell whether a source can list what the run wants; for what is new, archives and the like are not needed."""
        if isinstance(source, SourceByDay):
            return self.is_span_asked or isinstance(source, DailySitemap)
        in_scope = self.scope == "all" or source.national or not isinstance(source, Section)
        return in_scope and (not self.days or (self.span.is_recent and not self.backfill))

    def start_addresses(self) -> list[str]:
        """Return the addresses that the crawl begins with."""
        return [visit.url for visit in self.visits()]

    def arguments(self) -> dict[str, Any]:
        """Return the arguments that make this spider once more, without reading its input again."""
        return self._arguments

    def day_of_visit(self, visit: Visit) -> date | None:
        """Return the day that a visit of a backfill asks for, None when it is of no one day."""
        return visit.span.since if self.backfill and isinstance(visit.source, SourceByDay) else None

    def selection(self) -> Selection:
        """Return what the run wants, with nothing passed over yet."""
        return Selection(self, self.wanted())

    def wanted(self) -> Wanted:
        """Return what the run wants."""
        return Wanted(self.span, self.scope, self.is_span_asked)
