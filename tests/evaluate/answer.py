"""The answer of an extractor, in one form for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One page's answer; `error` names a crash or a refusal, `precision` is that of the date if one is claimed."""

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
        """Return the answer in a peer's row, without unknown keys."""
        known = {key: value for key, value in row.items() if key in cls.__dataclass_fields__ and value is not None}
        return cls(**known)
