"""What the library answers with besides moments: authors, datelines, scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AuthorKind = Literal["person", "desk", "agency"]
Scope = Literal["national", "local", "international"]


@dataclass(frozen=True, slots=True)
class Author:
    """A credited name: a person, a desk (নিজস্ব প্রতিবেদক) or an agency."""

    name: str
    kind: AuthorKind


@dataclass(frozen=True, slots=True)
class Dateline:
    """The place, and the date when there is one, with which a body opens; `date` is YYYY-MM-DD."""

    place: str
    date: str | None = None
