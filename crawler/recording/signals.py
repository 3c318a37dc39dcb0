"""Opt-out signals: restrictions by the server on uses of its content, in its own words.

Content-Signal (contentsignals.org), Content-Usage (IETF aipref drafts), TDMRep (W3C) and directives of X-Robots-Tag and
robots meta elements.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from isal import isal_zlib
from isal.igzip_lib import IsalError

from crawler.archive.message import Response, dechunked, pieces

# Our product token in robots.txt and meta elements.
AGENT = "khobor"

# Meta elements precede the body; without a body this much is searched.
HTML_BYTES = 1 << 16
HTML_TYPES = {"text/html", "application/xhtml+xml"}

# The part that crawlers must read (RFC 9309 §2.5).
ROBOTS_BYTES = 500 << 10
INFLATE_BYTES = 1 << 13

# Decoders copy their input, and the beginning of a page is usually enough.
READ_BYTES = 1 << 10

# Limits for malicious responses; the record has them whole.
MOST_SIGNALS = 20
MOST_CHARACTERS = 500

# The codes are also warnings of articles.
PREFERENCES = {name: name for name in ("content-signal", "content-usage")}
DIRECTIVES = {"noarchive": "noarchive", "nocache": "noarchive", "noai": "noai", "noimageai": "noimageai"}
RESERVATION, POLICY = "tdm-reservation", "tdm-policy"

# Directives of X-Robots-Tag with a value after a colon.
VALUED = {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}
# A member of a list that says no: `ai-train=no`, `train-ai=n`.
SAYS_NO = re.compile(r"(?:^|,)\s*[\w*.-]+\s*=\s*no?\s*(?=$|[,;])", re.IGNORECASE)
WORDS = [word.encode() for word in (*DIRECTIVES, RESERVATION)]
HIDDEN = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.DOTALL | re.IGNORECASE)
META = re.compile(rb"<meta[\s/]([^<>]{0,2000})>", re.IGNORECASE)
ATTRIBUTE = re.compile(rb"(?<![\w-])(name|content)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: a machine-readable code, the exact wording, and its place."""

    code: str
    wording: str
    place: str

    def __str__(self) -> str:
        return f"{self.wording[:MOST_CHARACTERS]} ({self.place})"


def codes_in(notes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of the signals in metadata records (values of `optOut`), each once."""
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
    """Yield the signals of the meta elements at the beginning of a page."""
    # Most pages have none, so comments and scripts are removed only after a first match.
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
    """Yield the directives for all crawlers or for us: `khobor: noarchive, noindex`."""
    agent = AGENT
    for item in value.split(","):
        name, colon, rest = item.partition(":")
        if colon and name.strip().lower() not in VALUED:
            agent, item = name.strip().lower(), rest  # noqa: PLW2901
        directive = item.strip()
        if agent == AGENT and directive.lower() in DIRECTIVES:
            yield Signal(DIRECTIVES[directive.lower()], directive, place)


def _reserved(pairs: list[tuple[str, str]], place: str) -> Iterator[Signal]:
    """Yield reservation and policy; a policy alone reserves nothing."""
    if any(name == RESERVATION and value.strip() == "1" for name, value in pairs):
        for name, value in pairs:
            if name == POLICY or value.strip() == "1":
                yield Signal(RESERVATION, f"{name}: {value.strip()}", place)


def _attributes(text: bytes) -> tuple[str, str]:
    found = {match[1].lower(): match[2] or match[3] or match[4] or b"" for match in ATTRIBUTE.finditer(text)}
    name, content = (html.unescape(found.get(key, b"").decode("utf-8", "replace")) for key in (b"name", b"content"))
    return name.strip(), content.strip()


def beginning(file: IO[bytes], response: Response, limit: int, end: bytes = b"") -> bytes:
    """Return the first `limit` bytes of the decoded content; b"" for an unknown coding.

    The result may be shorter if it contains `end`, in lower case.
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
    """Yield decompressed data in short parts, up to any damage."""
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
    """Return the zlib window for the first byte: deflate comes with and without a header (RFC 9110 §8.4.1.2)."""
    if first == 0x1F:
        return 31
    return 15 if first & 0x0F == 8 else -15
