"""Pages of outside judges: served articles, made-up pages, and pages that are not articles, in the corpus's folder."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from evaluate.corpus import CORPUS, index_rows
from evaluate.page import Expected, Page

# Later than the publication of every page.
FETCHED_AT = datetime(2026, 11, 24, tzinfo=UTC)
NOT_ARTICLES = ("listing", "home", "challenge")


@dataclass(frozen=True, slots=True)
class OutsidePage:
    """One page; `junk` has the lines that its text must not have, None for every line outside the gold."""

    name: str
    page: Page
    junk: tuple[str, ...] | None = ()
    is_article: bool = True


def outside_pages() -> list[OutsidePage]:
    """Return the pages of every judge whose file is in the corpus's folder."""
    return [*_served_articles(), *_made_up_pages(), *_not_articles()]


def _served_articles() -> Iterator[OutsidePage]:
    folder = CORPUS / "fundus"
    for row in _rows("fundus/index.jsonl"):
        body = gzip.decompress((folder / row["file"]).read_bytes())
        page = _page("served articles", row["url"], body, row["title"], row["paragraphs"])
        yield OutsidePage(row["file"].removesuffix(".html.gz"), page, junk=None)


def _made_up_pages() -> Iterator[OutsidePage]:
    for row in _rows("losses.jsonl"):
        is_article = not row["listing"]
        title, paragraphs = (row.get("title"), row["keep"]) if is_article else (None, None)
        page = _page("made-up pages", row["url"], row["html"].encode(), title, paragraphs)
        yield OutsidePage(row["name"], page, tuple(row["drop"]), is_article)


def _not_articles() -> Iterator[OutsidePage]:
    for row in index_rows(*NOT_ARTICLES):
        page = _page("not articles", row["url"], (CORPUS / row["file"]).read_bytes())
        yield OutsidePage(row["file"], page, is_article=False)


def _page(judge: str, url: str, body: bytes, title: str | None = None, paragraphs: list[str] | None = None) -> Page:
    expected = Expected(title or "", tuple(paragraphs or ()), None, None, (), None, ())
    return Page(judge, url, body, FETCHED_AT, expected, content_type="text/html")


def _rows(name: str) -> list[dict[str, Any]]:
    path = CORPUS / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
