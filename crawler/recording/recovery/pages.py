"""From a record back to the page it came as: what the spider saw of it, for extraction without the network."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO

from scrapy import Request
from scrapy.http import HtmlResponse
from scrapy.utils.response import get_meta_refresh

from crawler.failures import reason_of
from crawler.items import Listing, Page
from crawler.recording import message
from crawler.recording.captures import capture_at
from crawler.recording.exchange import Capture
from crawler.recording.reading import StoredRecord, walk
from crawler.recording.revisits import Place
from crawler.recording.signals import codes_in
from crawler.recording.stored import Decoder

if TYPE_CHECKING:
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from crawler.spider import NewsSpider


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response record read back: its capture, header fields, entity, and the facts of its metadata record."""

    capture: Capture
    fields: list[tuple[str, str]]
    entity: bytes
    facts: dict[str, str]


def read_response(stream: BinaryIO, file: str, offset: int) -> StoredResponse | None:
    """Return the response whose record begins where the stream stands, None when none does.

    Raises reading.Damaged, OSError.
    """
    with closing(walk(stream, offset)) as records:
        first = next(records, None)
        response = message.read(first.block, first.size).response if first else None
        if first is None or response is None:
            return None
        entity = message.entity_of(first.block, response)
        place = Place(first.get("WARC-Target-URI"), first.get("WARC-Record-ID"), file, offset, first.length)
        moment = datetime.fromisoformat(first.get("WARC-Date"))
        facts, opt_outs = _metadata(records, place.record_id)
        capture = capture_at(
            place, moment, response.status, response.mime, response.entity_digest, opt_outs=codes_in(opt_outs)
        )
        return StoredResponse(capture, response.fields, entity, facts)


def pages_of(stored: StoredResponse, spider: NewsSpider, decoder: Decoder) -> Iterator[Page]:
    """Yield the page that the spider makes of a stored response, as it would have done when it was fetched."""
    listing = listing_of(stored.facts) or Listing(stored.capture.url)
    if not stored.facts and spider.key_of(listing.url) is None:
        return  # its metadata was lost, and its address is no article's
    capture: Future[Capture] = Future()
    capture.set_result(stored.capture)
    request = Request(listing.url, meta={"listing": listing, "capture": capture})
    try:
        status = stored.capture.http_status or 0
        response = decoder.response(request, stored.capture.url, status, stored.fields, stored.entity)
    except Exception as error:  # noqa: BLE001 (whatever a decoder raises: one page that failed)
        spider.report("failed", reason_of(error), stored.capture.url)
        return
    if _leads_on(response, spider.settings):
        return
    for page in spider.parse_article(response):
        page.fetched_at = stored.capture.date
        yield page


def _leads_on(response: Response, settings: BaseSettings) -> bool:
    """Tell whether the page is one that Scrapy follows to another, as it does with a refresh in a meta element."""
    if not isinstance(response, HtmlResponse) or not settings.getbool("METAREFRESH_ENABLED"):
        return False
    seconds, url = get_meta_refresh(response, ignore_tags=settings.getlist("METAREFRESH_IGNORE_TAGS"))
    return bool(url) and seconds is not None and seconds < settings.getint("METAREFRESH_MAXDELAY")


def listing_of(facts: dict[str, str]) -> Listing | None:
    """Return the listing that a metadata record tells of."""
    url = facts.get("listingUrl")
    if url is None:
        return None
    published = facts.get("listingPublished")
    return Listing(
        url=url,
        published=_moment(published) if published else None,
        title=facts.get("listingTitle"),
        national=facts.get("listingNational") == "true",
        source=facts.get("listing"),
    )


def _metadata(records: Iterator[StoredRecord], record_id: str) -> tuple[dict[str, str], list[str]]:
    """Return the facts of the metadata record that belongs to a record, and its opt-out signals."""
    for record in records:
        if record_id not in record.all("WARC-Concurrent-To"):
            break
        if record.kind == "metadata":
            fields = record.warc_field_list()
            return dict(fields), [value for name, value in fields if name == "optOut"]
    return {}, []


def _moment(text: str) -> datetime | date:
    return date.fromisoformat(text) if len(text) == len("2026-11-24") else datetime.fromisoformat(text)
