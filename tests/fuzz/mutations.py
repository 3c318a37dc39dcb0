"""Mutations of good pages, reproducible by seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from crawler.demo.newspaper import Newspaper
from crawler.demo.outlets import OUTLETS
from crawler.demo.site import Site

PAGES = Path(__file__).resolve().parents[1] / "pages"
FRAGMENTS = [
    *("<div>", "</div>", "</p>", "<p>", "<table><tr><td>", "</table>", "<li>", "<br>", "<h1>", "</h1>", "<article>"),
    *("<!--", "-->", "<script>", "</script>", "<style>", "<template>", "<noscript>", "<svg>", "<math>", "<frameset>"),
    *("<select>", "<textarea>", "<title>", "<plaintext>", "<iframe>", "<a href='", "<base href='http://['>", "</body>"),
    *('"', "'", "<", ">", "&", "&#x110000;", "&#xD800;", "&#0;", "&lt;p&gt;", "&amp;amp;lt;", "{", "}", "[", "]", "\\"),
    *("\\u", "\\ud800", '{"@graph":', '"@type":"NewsArticle"', "//<![CDATA[", "]]>", ",}", "NaN", "1e999", "-", "\n"),
    *("\0", "\x1b", "\x85", "\u2028", "\ufeff", "\ufffe", "\U000e0001", "\u202e", "\u2066", "\u200d", "\u200c"),
    *('<time datetime="2026-99-99">', '<time datetime="-1">', '<span data-published="99999999999999999999">'),
    *('<meta property="article:published_time" content="0000-00-00T99:99">', "<meta charset=utf-16>"),
    *("<meta charset=x>", "৩২ জানুয়ারি ২০২৬", "১২ ঘণ্টা আগে", "99999999999 মিনিট আগে", "سبت", "©"),
    *("য়য়", "ড়", "à¦à¦¾à¦", "‡bvqvLvwj"),
]  # fmt: skip
_TAG = re.compile(r"<[^<>]{1,200}>")
_STRING = re.compile(r"\"[^\"<>]{1,400}\"")
_SCRIPT = re.compile(r"<script[^>]*>.*?</script>", re.S)


def good_pages() -> list[str]:
    """Return the pages of the tests and three pages of each demo outlet."""
    newspaper = Newspaper(date(2026, 11, 24))
    site = Site(newspaper)
    paths = [article.path for name in OUTLETS for article in newspaper.of(name)[:60:20]]
    replies = [site.get(path, "http://127.0.0.1:8765") for path in paths]
    shown = [reply.body.decode() for reply in replies if reply.status == 200]
    return [path.read_text("utf-8") for path in sorted(PAGES.glob("*.html"))] + shown


def mutated(page: str, chance: random.Random) -> bytes:
    """Return a page after one to six mutations, in some encoding."""
    for _ in range(chance.randint(1, 6)):
        page = chance.choice(MUTATIONS)(page, chance)[:2_000_000]
    return encoded(page, chance)


def encoded(page: str, chance: random.Random) -> bytes:
    """Return the bytes of a page: mostly UTF-8, sometimes another encoding or damaged."""
    encoding = chance.choice(["utf-8"] * 6 + ["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig"])
    content = bytearray(page.encode(encoding, "ignore"))
    for _ in range(chance.choice([0, 0, 0, 1, 20])):
        place = chance.randint(0, len(content))
        content[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    return bytes(content)


def _span(page: str, chance: random.Random, longest: int = 2000) -> tuple[int, int]:
    start = chance.randint(0, len(page))
    return start, min(len(page), start + chance.randint(0, longest))


def cut(page: str, chance: random.Random) -> str:
    """Remove a part, or everything after a position."""
    start, end = _span(page, chance)
    return page[:start] + ("" if chance.random() < 0.2 else page[end:])


def doubled(page: str, chance: random.Random) -> str:
    """Repeat a part up to 500 times."""
    start, end = _span(page, chance)
    return page[:end] + page[start:end] * chance.choice([1, 2, 50, 500]) + page[end:]


def moved(page: str, chance: random.Random) -> str:
    """Move a part to another position."""
    start, end = _span(page, chance)
    rest, place = page[:start] + page[end:], chance.randint(0, len(page) - (end - start))
    return rest[:place] + page[start:end] + rest[place:]


def with_fragments(page: str, chance: random.Random) -> str:
    """Insert fragments of markup at random positions."""
    for _ in range(chance.randint(1, 10)):
        place = chance.randint(0, len(page))
        page = page[:place] + chance.choice(FRAGMENTS) * chance.choice([1, 1, 1, 2, 300]) + page[place:]
    return page


def _replaced(pattern: re.Pattern[str], by: Callable[[str, random.Random], str]) -> Callable[[str, random.Random], str]:
    def replace(page: str, chance: random.Random) -> str:
        share = chance.choice([0.01, 0.1, 0.5])
        return pattern.sub(lambda match: by(match[0], chance) if chance.random() < share else match[0], page)

    return replace


def _other_tag(tag: str, chance: random.Random) -> str:
    return chance.choice(["", tag * 2, tag.replace("<", "</", 1), tag[:-1], tag.upper(), chance.choice(FRAGMENTS)])


def _other_string(text: str, chance: random.Random) -> str:
    return chance.choice(
        [text[:-1], text[1:], '""', '"' + chance.choice(FRAGMENTS) + '"', text * 3, "null", "[{}]", "0"]
    )


def _other_script(script: str, chance: random.Random) -> str:
    start, end = _span(script, chance, len(script))
    return chance.choice([script * 2, script[:start], script[:start] + chance.choice(FRAGMENTS) + script[end:]])


def nested(page: str, chance: random.Random) -> str:
    """Nest a part in many elements, half of the time without end tags."""
    tag = chance.choice(["div", "span", "b", "p", "table", "ul", "blockquote", "a", "font", "section"])
    start, end = _span(page, chance)
    depth = chance.choice([3, 60, 300, 3000])
    closing = f"</{tag}>" * depth if chance.random() < 0.5 else ""
    return page[:start] + f"<{tag}>" * depth + page[start:end] + closing + page[end:]


def swollen(page: str, chance: random.Random) -> str:
    """Give a tag one huge attribute, or many attributes."""
    huge = chance.choice([f'class="{"a-b " * 5000}"', f'id="{"x" * 50_000}"', " ".join(f"a{n}=1" for n in range(900))])
    return page.replace("<div", f"<div {huge} ", 1)


MUTATIONS: Sequence[Callable[[str, random.Random], str]] = (
    cut,
    doubled,
    moved,
    with_fragments,
    _replaced(_TAG, _other_tag),
    _replaced(_STRING, _other_string),
    _replaced(_SCRIPT, _other_script),
    nested,
    swollen,
)
