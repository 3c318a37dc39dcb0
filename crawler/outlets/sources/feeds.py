"""RSS and Atom feeds."""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.sax import SAXParseException

import feedparser

from crawler.model.addresses import absolute
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.outlets.sources.base import BrokenSource, Source, is_cut_short, is_html, plain_title, published_hint

# Halves of surrogate pairs, with which JavaScript and old PHP write emoji (&#55357;&#56832;), are not characters of
# XML. Some numbers that are none match too, and stay.
HALVES = re.compile(rb"(?:&#(?:5[5-7]\d{3}|[xX][dD][89a-fA-F][0-9a-fA-F]{2});)+")

# WordPress plugins write blank lines before the XML declaration, which XML forbids.
BLANK_LINES = re.compile(rb"\A((?:\xef\xbb\xbf)?)\s+")


@dataclass(frozen=True)
class Feed(Source):
    """An RSS or Atom feed: the newest articles, mostly with title and time."""

    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        feed = _parsed(body, url)
        found = []
        for entry in feed.entries:
            if link := absolute(url, entry.get("link") or ""):
                published = published_hint(_date_text(entry, feed.version), span.zone)
                found.append(Listing(link, published, plain_title(entry.get("title")), self.national, self.url))
        error = feed.get("bozo_exception")
        if not found and isinstance(error, SAXParseException):
            raise BrokenSource(f"it answered with XML that can't be read ({error.getMessage()})")
        if is_cut_short(body, "rss|feed|rdf"):
            raise BrokenSource("it is cut short", found)
        return found


def _parsed(body: bytes, url: str) -> Any:
    if is_html(body):
        raise BrokenSource("it answered with an HTML page instead of a feed")
    # feedparser resolves relative links against content-location. It does not get the header's charset, which is wrong
    # more often than the feed's own. As XML, a feed without one is UTF-8.
    feed = feedparser.parse(
        BytesIO(HALVES.sub(_joined, BLANK_LINES.sub(rb"\1", body))),
        response_headers={"content-location": url, "content-type": "application/xml"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not feed.version:
        raise BrokenSource("it answered with something that is not a feed")
    return feed


def _date_text(entry: Any, version: str) -> str | None:
    # feedparser names the dc:date of RSS `updated`; Atom's `updated` is not a date of publication.
    if "published" not in entry and "updated" in entry and version.startswith("rss"):
        return str(entry["updated"])
    return entry.get("published") or None


def _joined(match: re.Match[bytes]) -> bytes:
    """Return the characters of pairs of halves; U+FFFD for a single half."""
    numbers = match[0].decode("ascii").replace("&#", "").split(";")[:-1]
    halves = "".join(chr(int(digits[1:], 16) if digits[0] in "xX" else int(digits)) for digits in numbers)
    text = halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(f"&#{ord(character)};" for character in text).encode()
