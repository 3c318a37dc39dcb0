"""Check the declaration of an outlet: the links of each source, and the hits of each selector on articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from crawler.crawl.discovery.listed_page import list_request
from crawler.crawl.unrecorded import Fetch
from crawler.model.exit_codes import REFUSED, Refused
from crawler.model.listing import Listing
from crawler.model.span import Span, Wanted, read_span
from crawler.outlets.outlet import Outlet
from crawler.outlets.selection import Selection
from crawler.outlets.sources import Source, SourceByDay
from crawler.tools.probe.pages import reading_of
from crawler.tools.probe.selectors import FIELDS, ReadPage, read_page

ARTICLES = 5
# An index names sitemaps: this many are read.
_NAMED = 2


async def check(outlet: Outlet, fetch: Fetch) -> tuple[list[str], bool]:
    """Read each source of an outlet, and try its selectors on articles; return lines about them. Raises Refused.

    All is well if each source lists articles and some could be read.
    """
    lines, is_well, listed = list[str](), True, dict[str, Listing]()
    wanted = Wanted(read_span(None, None, outlet.zone()), "national")
    refusals = []
    for source in outlet.sources():
        selection = Selection(outlet, wanted)
        listings, fault, refusal = await _read(source.at(outlet.home), wanted.span, fetch)
        matched = replace(selection, wanted=replace(wanted, scope="all")).articles(listings)
        national = selection.articles(listings)
        for key, listing in {**national, **matched}.items():
            listed.setdefault(key, listing)
        counts = f"{len(listings)} links, {len(matched)} articles, {len(national)} may be national"
        lines.append(f"{type(source).__name__} {source.url}: {fault or counts}")
        is_well &= bool(matched) and not fault
        refusals.append(refusal)
    if all(refusals):
        raise Refused(f"{outlet.name} refuses khobor: {refusals[0] if refusals else 'it has no source'}", REFUSED)
    answers = [await fetch(outlet.address_of_text(listing.url)) for listing in [*listed.values()][:ARTICLES]]
    pages = [read_page(answer, type(outlet)) for answer in answers]
    is_well &= any(page.article for page in pages)
    return [*lines, *_results(outlet, pages)], is_well


async def _read(source: Source, span: Span, fetch: Fetch) -> tuple[list[Listing], str | None, str | None]:
    """Return the entries of a source's first page, its fault, and its refusal; of a source by day, of its last day.

    The last day is yesterday, unless the source lists only days before.
    """
    if isinstance(source, SourceByDay):
        day = min(span.since, date.fromisoformat(source.until)) if source.until else span.since
        span = replace(span, since=day, until=day)
    visit = next(iter(source.visits(span)), None)
    if visit is None:
        return [], "it lists no day before today", None
    answer = await fetch(list_request(visit))
    reading, fault = reading_of(visit, answer)
    listings = reading.listings
    for named in reading.further[:_NAMED]:
        more, fault = reading_of(named, await fetch(list_request(named)))
        listings += more.listings
    return listings, fault, answer.refusal


def _results(outlet: Outlet, pages: Sequence[ReadPage]) -> Iterator[str]:
    """Yield the number of pages with an article, and for each selector the number on which it selects something."""
    yield f"articles: {sum(page.article is not None for page in pages)} of {len(pages)} pages have one"
    yield from (f"not an article: {page.refusal}: {page.url}" for page in pages if page.refusal)
    for name in ("headline", *FIELDS, "unwanted"):
        if selector := getattr(outlet, name):
            hits = sum(bool(page.select(selector)) for page in pages)
            yield f"{name}: {selector}: on {hits} of {len(pages)} pages"
