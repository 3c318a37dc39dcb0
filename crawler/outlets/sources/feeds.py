"""RSS and Atom feeds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any
from xml.sax import SAXParseException

import feedparser

from crawler.model.addresses import absolute
from crawler.model.listing import Listing
from crawler.model.span import Span
from crawler.outlets.sources.base import BrokenSource, Source, is_cut_short, is_html, published_hint

TAG = re.compile(r"<[^<>]*>")

# Halves of surrogate pairs, as JavaScript and old PHP write emoji (&#55357;&#56832;): XML has no such characters.
HALF = rb"&#(?:5(?:5(?:29[6-9]|[3-9]\d\d)|6\d\d\d|7(?:[0-2]\d\d|3[0-3]\d|34[0-3]))|[xX][dD][89a-fA-F][0-9a-fA-F]{2});"
HALVES = re.compile(rb"(?:%b)+" % HALF)

# WordPress's plugins write blank lines before the XML declaration, where none may stand.
BLANK_LINES = re.compile(rb"\A((?:\xef\xbb\xbf)?)\s+")


@dataclass(frozen=True)
class Feed(Source):
    """An RSS or Atom feed: the newest articles, mostly with title and time."""

    def listings(self, body: bytes, url: str, content_type: str | None, span: Span) -> list[Listing]:
        """Return the feed's entries that have a link.

        Raises BrokenSource when it is no feed, too broken for any, or cut short: with what is there.
        """
        feed = _parsed(body, url)
        found = []
        for entry in feed.entries:
            link = absolute(url, entry.get("link") or "")
            if link:
                published = published_hint(_date_text(entry, feed.version), span.zone)
                found.append(Listing(link, published, _title(entry), self.national, self.url))
        error = feed.get("bozo_exception")
        if not found and isinstance(error, SAXParseException):
            raise BrokenSource(f"it answered with XML that can't be read ({error.getMessage()})")
        if is_cut_short(body, "rss|feed|rdf"):
            raise BrokenSource("it is cut short", found)
        return found


def _parsed(body: bytes, url: str) -> Any:
    if is_html(body):
        raise BrokenSource("it answered with an HTML page instead of a feed")
    # Relative links are resolved against content-location; the charset of the header is not passed on, because it
    # is wrong more often than the one the feed declares. As XML, a feed that declares none is UTF-8.
    feed = feedparser.parse(
        BytesIO(HALVES.sub(_character, BLANK_LINES.sub(rb"\1", body))),
        response_headers={"content-location": url, "content-type": "application/xml"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not feed.version:
        raise BrokenSource("it answered with something that is no feed")
    return feed


def _date_text(entry: Any, version: str) -> str | None:
    # feedparser calls the dc:date of RSS updated; what Atom calls so is no date of publication.
    if "published" not in entry and "updated" in entry and version.startswith("rss"):
        return str(entry["updated"])
    return entry.get("published") or None


def _title(entry: Any) -> str | None:
    # Some feeds wrap the title in a link to the article.
    title = unescape(TAG.sub("", entry.get("title") or "")).strip()
    return title or None


def _character(match: re.Match[bytes]) -> bytes:
    """Return the characters that pairs of halves stand for; U+FFFD for a half alone."""
    halves = "".join(_half(half) for half in match[0].decode("ascii").split(";")[:-1])
    text = halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(f"&#{ord(character)};" for character in text).encode()


def _half(reference: str) -> str:
    digits = reference.removeprefix("&#")
    return chr(int(digits[1:], 16) if digits[0] in "xX" else int(digits))
