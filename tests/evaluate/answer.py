"""What an extractor says of a page, in one form for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One page's answer; `error` is set when the extractor crashed or refused, `precision` where one is claimed."""

    title: str | None = None
    paragraphs: list[str] = field(default_factory=list)
    date: str | None = None
    precision: str | None = None
    authors: list[str] = field(default_factory=list)
    kinds: list[str] | None = None
    sections: list[str] = field(default_factory=list)
    agencies: list[str] = field(default_factory=list)
    error: str | None = None

    @classmethod
    def of(cls, row: dict[str, Any]) -> Answer:
        """Return an answer from a peer's line of JSON."""
        known = {key: value for key, value in row.items() if key in cls.__dataclass_fields__ and value is not None}
        return cls(**known)
