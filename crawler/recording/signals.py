"""Opt-out signals: what a server says about uses of its content, in its own words.

Content-Signal (Cloudflare's policy, contentsignals.org), Content-Usage (the IETF's aipref drafts), TDMRep (W3C
Community Group report) and the directives of X-Robots-Tag and robots meta elements. Only what restricts counts.


The content of a response, both codings removed, as far as somebody wants to see it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from isal import isal_zlib
from isal.igzip_lib import IsalError

from crawler.archive.message import Response, dechunked, pieces

# The product token that groups of robots.txt and robots meta elements name us by.
AGENT = "khobor"

# Meta elements stand before the body; where none begins, this much is looked through.
HTML_BYTES = 1 << 16
HTML_TYPES = {"text/html", "application/xhtml+xml"}

# As much as crawlers have to read (RFC 9309 §2.5).
ROBOTS_BYTES = 500 << 10

# Bounds against answers that are made to be long; the record has them whole.
MOST_SIGNALS = 20
MOST_CHARACTERS = 500

# The codes are the signals' own names: warnings of articles have them too.
PREFERENCES = {name: name for name in ("content-signal", "content-usage")}
DIRECTIVES = {"noarchive": "noarchive", "nocache": "noarchive", "noai": "noai", "noimageai": "noimageai"}
RESERVATION, POLICY = "tdm-reservation", "tdm-policy"

# Directives of X-Robots-Tag whose colon does not follow the name of a crawler.
VALUED = {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}

# A member of a list that says no: `ai-train=no`, `train-ai=n`.
SAYS_NO = re.compile(r"(?:^|,)\s*[\w*.-]+\s*=\s*no?\s*(?=$|[,;])", re.IGNORECASE)
WORDS = [word.encode() for word in (*DIRECTIVES, RESERVATION)]
HIDDEN = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.DOTALL | re.IGNORECASE)
META = re.compile(rb"<meta[\s/]([^<>]{0,2000})>", re.IGNORECASE)
ATTRIBUTE = re.compile(rb"(?<![\w-])(name|content)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: a machine-readable code, the exact wording, and where it was seen."""

    code: str
    wording: str
    place: str

    def __str__(self) -> str:
        """Return it as the metadata record has it."""
        return f"{self.wording[:MOST_CHARACTERS]} ({self.place})"


def codes_in(notes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of signals as metadata records have them (the values of `optOut`), each once."""
    found: dict[str, None] = {}
    for note in notes:
        wording = note.rpartition(" (")[0]
        name = wording.partition(":")[0]
        code = (
            RESERVATION if name in (RESERVATION, POLICY) else PREFERENCES.get(name) or DIRECTIVES.get(wording.lower())
        )
        if code:
            found[code] = None
    return tuple(found)


def in_fields(fields: Iterable[tuple[str, str]]) -> Iterator[Signal]:
    """Yield the signals of a response's header fields, named in lower case."""
    reservations = []
    for name, value in fields:
        if name in PREFERENCES and SAYS_NO.search(value):
            yield Signal(PREFERENCES[name], f"{name}: {value}", "header")
        elif name == "x-robots-tag":
            yield from _directives(value, name)
        elif name in (RESERVATION, POLICY):
            reservations.append((name, value))
    yield from _reserved(reservations, "header")


def in_html(page: bytes) -> Iterator[Signal]:
    """Yield the signals of the meta elements in the beginning of a page."""
    # Most pages have none: looked for in the elements first, where comments and scripts cost nothing.
    elements = list(META.finditer(page))
    text = b">".join(element[1] for element in elements).lower()
    if not any(word in text for word in WORDS):
        return
    reservations = []
    for element in META.findall(HIDDEN.sub(b"", page[: elements[-1].end()])):
        name, content = _attributes(element)
        if name.lower() in ("robots", AGENT):
            yield from _directives(content, f"meta {name.lower()}")
        elif name.lower() in (RESERVATION, POLICY):
            reservations.append((name.lower(), content))
    yield from _reserved(reservations, "meta")


def _directives(value: str, place: str) -> Iterator[Signal]:
    """Yield the directives of a list that are for all crawlers, or for us: `khobor: noarchive, noindex`."""
    agent = AGENT
    for item in value.split(","):
        name, colon, rest = item.partition(":")
        if colon and name.strip().lower() not in VALUED:
            agent, item = name.strip().lower(), rest  # noqa: PLW2901
        directive = item.strip()
        if agent == AGENT and directive.lower() in DIRECTIVES:
            yield Signal(DIRECTIVES[directive.lower()], directive, place)


def _reserved(pairs: list[tuple[str, str]], place: str) -> Iterator[Signal]:
    """Yield reservation and policy when there is a reservation; a policy alone reserves nothing."""
    if any(name == RESERVATION and value.strip() == "1" for name, value in pairs):
        for name, value in pairs:
            if name == POLICY or value.strip() == "1":
                yield Signal(RESERVATION, f"{name}: {value.strip()}", place)


def _attributes(text: bytes) -> tuple[str, str]:
    found = {match[1].lower(): match[2] or match[3] or match[4] or b"" for match in ATTRIBUTE.finditer(text)}
    name, content = (html.unescape(found.get(key, b"").decode("utf-8", "replace")) for key in (b"name", b"content"))
    return name.strip(), content.strip()


INFLATE_BYTES = 1 << 13

# All that a decoder is given is copied, and the beginning of a page is mostly enough.
READ_BYTES = 1 << 10


def beginning(file: IO[bytes], response: Response, limit: int, end: bytes = b"") -> bytes:
    """Return the first `limit` bytes of a response's content, both codings removed; b"" for codings not known here.

    They may be fewer once `end`, in lower case, is among them.
    """
    found = b""
    for part in _content(file, response):
        found += part
        # The end may have begun with the part before.
        if len(found) >= limit or (end and end in found[-len(part) - len(end) :].lower()):
            break
    return found[:limit]


def _content(file: IO[bytes], response: Response) -> Iterable[bytes]:
    coding = response.value("content-encoding").lower()
    body = pieces(file, response.body, response.end, READ_BYTES)
    entity = dechunked(body) if response.transfer_coded else body
    if coding in ("gzip", "x-gzip", "deflate"):
        return _inflated(entity)
    return entity if coding in ("", "identity") else ()


def _inflated(entity: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what gzip, zlib's or raw deflate data hold, in short parts, up to where it is damaged."""
    decoder = None
    for piece in entity:
        decoder = decoder or isal_zlib.decompressobj(_window(piece[0]))
        part, left = b"", piece
        try:
            while left or len(part) == INFLATE_BYTES:
                part = decoder.decompress(left, INFLATE_BYTES)
                left = decoder.unconsumed_tail
                yield part
        except IsalError:  # type: ignore[misc]  # its stub calls it an instance
            return


def _window(first: int) -> int:
    """Return zlib's word for a format by its first byte: deflate comes with and without header (RFC 9110 §8.4.1.2)."""
    if first == 0x1F:
        return 31
    return 15 if first & 0x0F == 8 else -15
