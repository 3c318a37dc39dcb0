"""Gold: articles as their newsrooms wrote them, before a layout sets them on a page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["paragraph", "heading", "item", "quote"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph and the kind of element that holds it."""

    text: str
    kind: Kind = "paragraph"


@dataclass(frozen=True, slots=True)
class Credit:
    """A byline: the name and its kind, `person`, `desk` or `agency`."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Gold:
    """One article; `published` is exact to the second and has Dhaka's offset."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    published: datetime
    credit: Credit
    section: str
    agencies: tuple[str, ...] = ()

    @property
    def lead(self) -> str:
        """The first paragraph, which teasers show."""
        return self.blocks[0].text


def digest(gold: Sequence[Gold]) -> str:
    """Return a digest that changes when any article does."""
    text = json.dumps([asdict(each) for each in gold], ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
