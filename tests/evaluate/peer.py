"""Run one peer on many pages, in the peers' own environment: a manifest in, JSON lines out.

This script imports nothing of the project. A crash or a timeout is an answer: {"error": …}.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS_A_PAGE = 30


class TooSlow(Exception):
    """A page took longer than SECONDS_A_PAGE."""


def trafilatura(body: bytes, url: str) -> dict[str, Any]:
    """Extract with the defaults, without comments."""
    from trafilatura import bare_extraction

    found = bare_extraction(body, url=url, with_metadata=True, include_comments=False)
    if found is None:
        return {}
    return {
        "title": found.title,
        "paragraphs": _lines(found.text),
        "date": found.date,
        "authors": _names(found.author),
        "sections": found.categories or [],
    }


def newspaper4k(body: bytes, url: str) -> dict[str, Any]:
    """Extract with the language set to Bengali."""
    from newspaper import Article

    article = Article(url, language="bn")
    article.download(input_html=body.decode("utf-8", "replace"))
    article.parse()
    return {
        "title": article.title,
        "paragraphs": _lines(article.text),
        "date": _iso(article.publish_date),
        "authors": article.authors,
    }


def news_please(body: bytes, url: str) -> dict[str, Any]:
    from newsplease import NewsPlease

    article = NewsPlease.from_html(body.decode("utf-8", "replace"), url=url)
    return {
        "title": article.title,
        "paragraphs": _lines(article.maintext),
        "date": _iso(article.date_publish),
        "authors": article.authors or [],
    }


def readability(body: bytes, url: str) -> dict[str, Any]:
    """Extract title and HTML; the HTML's blocks are the paragraphs."""
    from lxml.html import fromstring
    from readability import Document

    document = Document(body)
    tree = fromstring(document.summary())
    for element in tree.iter("p", "div", "li", "br", "h1", "h2", "h3", "h4", "blockquote", "td", "tr"):
        element.tail = "\n" + (element.tail or "")
        if element.tag != "br":
            element.text = "\n" + (element.text or "")
    return {"title": document.title(), "paragraphs": _lines(tree.text_content())}


PEERS: dict[str, Callable[[bytes, str], dict[str, Any]]] = {
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "news-please": news_please,
    "readability-lxml": readability,
}


def _lines(text: str | None) -> list[str]:
    return [line for line in (" ".join(line.split()) for line in (text or "").split("\n")) if line]


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(";") if name.strip()]


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if hasattr(moment, "isoformat") else moment or None


def _too_slow(*_: object) -> None:
    raise TooSlow


def main() -> None:
    """Answer each page of a manifest from a position on."""
    name, manifest, start = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    signal.signal(signal.SIGALRM, _too_slow)
    rows = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    for row in rows[start:]:
        signal.alarm(SECONDS_A_PAGE)
        try:
            answer = PEERS[name](Path(row["path"]).read_bytes(), row["url"])
        except Exception as crash:  # noqa: BLE001 - a peer's exception is its result
            answer = {"error": type(crash).__name__}
        signal.alarm(0)
        sys.__stdout__.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
        sys.__stdout__.flush()


if __name__ == "__main__":
    main()
