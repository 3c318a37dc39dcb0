"""XML sitemaps, plain or gzipped: of the latest news, and of one day each."""

import calendar
import gzip
import logging
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO

from lxml import etree

from crawler.model.addresses import absolute
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.outlets.sources.base import BrokenSource, Source, Visit, dated, is_cut_short, published_hint
from crawler.outlets.sources.by_day import SourceByDay

logger = logging.getLogger(__name__)
DATE_IN_ADDRESS = re.compile(r"((?:19|20)\d\d)[-/](0[1-9]|1[0-2])(?:[-/](0[1-9]|[12]\d|3[01]))?(?!\d)")

# sitemaps.org allows 50 MB uncompressed.
MAXIMUM_SIZE = 64 * 1024 * 1024
PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class NewsSitemap(Source):
    """A sitemap of the latest articles, or an index of sitemaps; `limit` of these are read."""

    limit: int = 50

    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        """Return the articles, without those last changed before the span. Raises BrokenSource."""
        found = self._articles(body, url, span)
        # The sitemaps in an index that is cut short are read nevertheless.
        if found and _is_cut_short(body):
            raise BrokenSource("it is cut short", found)
        return found

    def further(self, body: bytes, visit: Visit) -> list[Visit]:
        """Return visits to the sitemaps of an index that may list articles of the span, one level deep."""
        chosen = self._named(body, visit) if visit.depth == 0 else []
        if len(chosen) > self.limit:
            logger.warning("%s names %d sitemaps, only %d are read", visit.url, len(chosen), self.limit)
        return chosen[: self.limit]

    def _articles(self, body: bytes, url: str, span: Span) -> list[Listing]:
        found = []
        for entry in _entries(body, "url"):
            address = absolute(url, entry.get("loc", ""))
            if address and not _is_stale(entry, span):
                published = published_hint(entry.get("publication_date"), span.zone)
                found.append(Listing(address, published, entry.get("title"), self.national, self.url))
        return found

    def _named(self, body: bytes, visit: Visit, has_stale: bool = False) -> list[Visit]:
        chosen = []
        for entry in _entries(body, "sitemap"):
            address = absolute(visit.url, entry.get("loc", ""))
            is_fresh = has_stale or not _is_stale(entry, visit.span)
            if address and is_fresh and _may_hold(address, visit.span):
                chosen.append(replace(visit, url=address, depth=visit.depth + 1))
        return chosen


@dataclass(frozen=True)
class DailySitemap(SourceByDay, NewsSitemap):
    """One sitemap a day, or an index of the day's sitemaps; the day stays unknown unless all of it is read."""

    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        """Return the day's articles; one without a date gets the day. Raises BrokenSource."""
        # Any entry of the list may be of the day.
        found = dated(self._articles(body, url, replace(span, since=date.min)), span.since)
        if _is_cut_short(body):
            raise BrokenSource("it is cut short", found)
        return found

    def further(self, body: bytes, visit: Visit) -> list[Visit]:
        """Return visits to the sitemaps of an index. Raises BrokenSource unless these are all."""
        named = self._named(body, visit, has_stale=True)
        if named and visit.depth > 0:
            raise BrokenSource("it is an index within an index")
        if len(named) <= self.limit:
            return named
        # In an index of all days only lastmod shows the day.
        fresh = self._named(body, visit)
        if not 0 < len(fresh) <= self.limit:
            raise BrokenSource(f"it names {len(named)} sitemaps, more than {self.limit}")
        return fresh


def _is_stale(entry: dict[str, str], span: Span) -> bool:
    # An article is published before its lastmod. Some sites have 1970 everywhere.
    if not _is_before(published_hint(entry.get("lastmod"), span.zone), span):
        return False
    published = published_hint(entry.get("publication_date"), span.zone)
    return published is None or _is_before(published, span)


def _entries(body: bytes, wanted: str) -> Iterator[dict[str, str]]:
    """Yield the `url` or `sitemap` elements as the text of their parts by local name."""
    tree = etree.iterparse(
        BytesIO(unpacked(body).lstrip()),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    root = None
    try:
        for event, element in tree:
            if root is None:
                root = element
                if _local_name(root) not in ("urlset", "sitemapindex"):
                    raise BrokenSource(f"it answered with <{_local_name(root)}> instead of a sitemap")
            if event == "end" and element.getparent() is root:
                if _local_name(element) == wanted:
                    yield _parts(element)
                element.clear()
                del root[: root.index(element)]
    except etree.XMLSyntaxError as error:
        raise BrokenSource(f"it answered with broken XML ({error.msg})") from error
    if root is None:
        raise BrokenSource("it answered with something that is not XML")


def _is_cut_short(body: bytes) -> bool:
    # For a document that ends within a tag the parser reports only that it is ill-formed.
    return is_cut_short(unpacked(body), "urlset|sitemapindex")


def _parts(element: etree._Element) -> dict[str, str]:
    """Return loc and lastmod of an entry and the parts of its news:news, without image:loc and the like."""
    parts: dict[str, str] = {}
    for child in element:
        inner = list(child) if _local_name(child) == "news" else [child]
        for part in inner:
            name, text = _local_name(part), (part.text or "").strip()
            if text and name in ("loc", "lastmod", "publication_date", "title"):
                parts.setdefault(name, text)
    return parts


def _local_name(element: etree._Element) -> str:
    # An undeclared prefix stays in the name.
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _is_before(moment: datetime | date | None, span: Span) -> bool:
    # One day of tolerance for the time zone.
    return moment is not None and (span.since - date(moment.year, moment.month, moment.day)).days > 1


def _may_hold(address: str, span: Span) -> bool:
    """Return whether a sitemap may list articles of the span, by the date in its address."""
    match = DATE_IN_ADDRESS.search(address)
    if match is None:
        return True
    year, month, day = int(match[1]), int(match[2]), match[3]
    last = calendar.monthrange(year, month)[1]
    first_day = date(year, month, min(int(day), last) if day else 1)
    last_day = first_day if day else date(year, month, last)
    return first_day <= span.until and span.since <= last_day


def unpacked(body: bytes) -> bytes:
    """Return a body without gzip, up to the end if the file is cut short. Raises BrokenSource."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    content = bytearray()
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as packed, suppress(EOFError):
            while len(content) <= MAXIMUM_SIZE and (piece := packed.read1(PIECE_BYTES)):
                content += piece
    except (OSError, zlib.error) as error:
        raise BrokenSource(f"it answered with broken gzip ({error})") from error
    if not content:
        raise BrokenSource("it answered with broken gzip (it is empty)")
    if len(content) > MAXIMUM_SIZE:
        raise BrokenSource(f"it unpacks to more than {MAXIMUM_SIZE} bytes")
    return bytes(content)
