"""Fetch one page as a crawl does, without storing anything."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy.settings import Settings

from crawler.crawl.given_pages import BadLine, PageReader, is_usable
from crawler.crawl.unrecorded import fetching
from crawler.model.listing import Page


def fetch_page(
    url: str, settings: Settings, reader: PageReader, given_url: str | None, outlet: str | None, fetched: str | None
) -> Page:
    """Return the page at an address, under another address, outlet and time if they are given.

    Starts and ends the reactor, so once a process. Raises BadLine, Refused.
    """
    if not is_usable(url):
        raise BadLine("bad-address", f"{url!r} has control characters in it")
    known = reader.outlets.named(outlet) if outlet else reader.outlets.of(url)
    address = known.address_of_text(url) if known else url
    answer = fetching(settings, [address], lambda fetch: fetch(address))
    if answer.failure:
        raise BadLine(answer.failure, f"{url} could not be fetched: {answer.failure}")
    where = given_url or (answer.url if address == url else url)
    page = reader.page(answer.body, where, outlet, fetched or datetime.now(UTC).isoformat())
    page.content_type = answer.content_type
    page.http_status = answer.status
    return page
