"""`/atom?q=&outlet=`: the newest articles that match a query, of an outlet, or of all, as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.requests import Request
from starlette.responses import Response

from crawler.model.addresses import is_web_address
from crawler.model.span import rfc3339
from crawler.room.search.articles import Row, newest
from crawler.room.search.query import Filters
from crawler.room.search.searching import search

NAMESPACE = "http://www.w3.org/2005/Atom"
ENTRIES, SUMMARY_CHARACTERS = 50, 300
# A character that XML 1.0 does not have.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EPOCH = "1970-01-01T00:00:00Z"


class Entry(NamedTuple):
    """An article in the feed."""

    id: str
    url: str
    title: str
    authors: list[str]
    section: str | None
    published: str | None
    updated: str
    summary: str


def atom(request: Request) -> Response:
    """Send the feed. An article's entry is updated when a new version of it was captured."""
    query = request.query_params.get("q", "").strip()
    outlets = tuple(filter(None, request.query_params.getlist("outlet")))
    with request.app.state.room.reading() as connection:
        entries = _found(connection, query, outlets) if query or len(outlets) > 1 else _newest(connection, outlets)
    base = str(request.base_url).rstrip("/")
    given = [*([("q", query)] if query else []), *(("outlet", outlet) for outlet in outlets)]
    names = [_title_of(request, outlet) for outlet in outlets]
    feed = _feed(base, urlencode(given), " · ".join(("খবর", *names, *([query] if query else []))), entries)
    return Response(tostring(feed, encoding="utf-8", xml_declaration=True), media_type="application/atom+xml")


def _found(connection: sqlite3.Connection, query: str, outlets: tuple[str, ...]) -> list[Entry]:
    hits = search(connection, query, Filters(outlet=outlets), "newest").hits
    return [
        Entry(
            hit.id,
            hit.url,
            "".join(part.text for part in hit.title),
            hit.authors,
            hit.section,
            hit.published,
            hit.fetched_at,
            "".join(part.text for part in hit.snippet),
        )
        for hit in hits
    ]


def _newest(connection: sqlite3.Connection, outlets: tuple[str, ...]) -> list[Entry]:
    return [_entry(row) for row in newest(connection, ENTRIES, outlets[0] if outlets else None)]


def _entry(row: Row) -> Entry:
    text = row["description"] or row["text"]
    summary = text if len(text) <= SUMMARY_CHARACTERS else text[:SUMMARY_CHARACTERS].rpartition(" ")[0] + " …"
    authors = [author["name"] for author in row["authors"]]
    published = row["published"]["at"] if row["published"] else None
    return Entry(row["id"], row["url"], row["title"], authors, row["section"], published, row["fetched_at"], summary)


def _title_of(request: Request, outlet: str) -> str:
    declared = request.app.state.room.outlets.named(outlet)
    return declared.title if declared else outlet


def _feed(base: str, parameters: str, title: str, entries: list[Entry]) -> Element:
    query = f"?{parameters}" if parameters else ""
    feed = Element("feed", {"xmlns": NAMESPACE, "xml:lang": "bn"})
    _add(feed, "id", f"{base}/atom{query}")
    _add(feed, "title", title)
    _add(feed, "updated", max((_moment(one.updated) for one in entries), default=EPOCH))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{base}/atom{query}"})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}/search{query}"})
    # An entry without an author has that of the feed.
    _add(SubElement(feed, "author"), "name", title)
    for entry in entries:
        _add_entry(feed, base, entry)
    return feed


def _add_entry(feed: Element, base: str, entry: Entry) -> None:
    element = SubElement(feed, "entry")
    _add(element, "id", f"urn:uuid:{entry.id}")
    _add(element, "title", entry.title)
    _add(element, "updated", _moment(entry.updated))
    if entry.published:
        _add(element, "published", _moment(entry.published))
    for name in entry.authors:
        _add(SubElement(element, "author"), "name", name)
    if entry.section:
        SubElement(element, "category", {"term": NOT_XML.sub("", entry.section)})
    SubElement(element, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}/article/{entry.id}"})
    if is_web_address(entry.url):
        SubElement(element, "link", {"rel": "via", "href": NOT_XML.sub("", entry.url)})
    _add(element, "summary", entry.summary)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = NOT_XML.sub("", text)


def _moment(text: str) -> str:
    """Return a moment of a row in UTC, in the form that feed readers compare."""
    moment = datetime.fromisoformat(text)
    return rfc3339(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))
