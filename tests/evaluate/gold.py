"""The articles that the layouts set: what a reader should get out of every page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

from crawler.bengali.text import nfc
from crawler.demo.newspaper import Newspaper

Kind = Literal["paragraph", "heading", "item", "quote"]
# Any day would do: the demo newspaper writes the same for equal days.
DEMO_DAY = date(2026, 11, 24)
WITH_JOINERS = nfc("র‍্যাব ও উদ্‌যাপন কমিটির সদস্যরা হৃদ্‌রোগ হাসপাতালের সামনে জড়ো হন।")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of the gold and how it is set."""

    text: str
    kind: Kind = "paragraph"


@dataclass(frozen=True, slots=True)
class Credit:
    """A byline: the name and its kind, `person`, `desk` or `agency`."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Gold:
    """One article as its newsroom wrote it; `published` carries the offset of Dhaka, to the second."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    published: datetime
    credit: Credit
    section: str
    agencies: tuple[str, ...] = ()

    @property
    def lead(self) -> str:
        """The first sentences, as a description shows them."""
        return self.blocks[0].text


def demo_gold() -> list[Gold]:
    """Return every third article that the demo newspaper has published, one with joiners in it added to each."""
    articles = Newspaper(DEMO_DAY).articles[::3]
    return [
        Gold(
            key=str(article.id),
            title=article.title,
            blocks=(*(Block(each.text, _kind(each.kind)) for each in article.paragraphs), Block(WITH_JOINERS)),
            published=article.published,
            credit=Credit(article.byline.name, article.byline.kind),
            section=article.section.name,
            agencies=("BSS",) if article.wire else (),
        )
        for article in articles
    ]


def digest(gold: list[Gold]) -> str:
    """Return what changes when any of the articles does."""
    text = json.dumps([asdict(each) for each in gold], ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _kind(kind: str) -> Kind:
    return "paragraph" if kind == "note" else kind  # type: ignore[return-value]
