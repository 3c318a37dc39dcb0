"""`/atom?q=&outlet=`: the newest articles of a search, of an outlet, or of all, as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.requests import Request
from starlette.responses import Response

from crawler.model.addresses import is_web_address
from crawler.model.span import rfc3339
from crawler.room.search.articles import Row, newest
from crawler.room.search.asked import Asked, flat
from crawler.room.search.searching import search

NAMESPACE = "http://www.w3.org/2005/Atom"
ENTRIES, SUMMARY_CHARACTERS = 50, 300
# A character that XML 1.0 does not have.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EPOCH = "1970-01-01T00:00:00Z"


def atom(request: Request) -> Response:
    """Send the feed. An article's entry is updated when a new version of it was captured."""
    asked = Asked.of(request)
    outlets = asked.chosen["outlet"]
    given = list(flat(asked.query(sort=None).items()))
    room = request.app.state.room
    with room.reading() as connection:
        if [name for name, _ in given] in ([], ["outlet"]):
            rows = newest(connection, ENTRIES, outlets[0] if outlets else None)
        else:
            rows = [hit.row for hit in search(connection, asked.text, asked.filters, "newest", codes=room.codes).hits]
    base = str(request.base_url).rstrip("/")
    names = [_title_of(request, one) if name == "outlet" else one for name, one in given]
    feed = _feed(base, urlencode(given), " · ".join(("খবর", *names)), rows)
    return Response(tostring(feed, encoding="utf-8", xml_declaration=True), media_type="application/atom+xml")


def _title_of(request: Request, outlet: str) -> str:
    declared = request.app.state.room.outlets.named(outlet)
    return declared.title if declared else outlet


def _feed(base: str, parameters: str, title: str, rows: list[Row]) -> Element:
    query = f"?{parameters}" if parameters else ""
    feed = Element("feed", {"xmlns": NAMESPACE, "xml:lang": "bn"})
    _add(feed, "id", f"{base}/atom{query}")
    _add(feed, "title", title)
    _add(feed, "updated", max((_moment(row["fetched_at"]) for row in rows), default=EPOCH))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{base}/atom{query}"})
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}/search{query}"})
    # An entry without an author has that of the feed.
    _add(SubElement(feed, "author"), "name", title)
    for row in rows:
        _add_entry(feed, base, row)
    return feed


def _add_entry(feed: Element, base: str, row: Row) -> None:
    entry = SubElement(feed, "entry")
    _add(entry, "id", f"urn:uuid:{row['id']}")
    _add(entry, "title", row["title"])
    _add(entry, "updated", _moment(row["fetched_at"]))
    if row["published"]:
        _add(entry, "published", _moment(row["published"]["at"]))
    for author in row["authors"]:
        _add(SubElement(entry, "author"), "name", author["name"])
    if row["section"]:
        SubElement(entry, "category", {"term": NOT_XML.sub("", row["section"])})
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}/article/{row['id']}"})
    if is_web_address(row["url"]):
        SubElement(entry, "link", {"rel": "via", "href": NOT_XML.sub("", row["url"])})
    text = row["description"] or row["text"]
    whole = len(text) <= SUMMARY_CHARACTERS
    _add(entry, "summary", text if whole else text[:SUMMARY_CHARACTERS].rpartition(" ")[0] + " …")


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = NOT_XML.sub("", text)


def _moment(text: str) -> str:
    """Return a moment of a row in UTC, in the form that feed readers compare."""
    return rfc3339(datetime.fromisoformat(text).astimezone(UTC))
