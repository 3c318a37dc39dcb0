"""State: what was seen, article by article and address by address, and the runs that saw it."""

from __future__ import annotations

from crawler.state.facts import (
    ARTICLE,
    RECORDED_ONLY,
    WITH_ROW,
    DamagedState,
    Entry,
    Known,
    KnownArchive,
    LostArticle,
    NewerSchema,
    Seen,
    SpooledSegment,
    StateError,
    Version,
)
from crawler.state.store import State

__all__ = [
    "ARTICLE",
    "RECORDED_ONLY",
    "WITH_ROW",
    "DamagedState",
    "Entry",
    "Known",
    "KnownArchive",
    "LostArticle",
    "NewerSchema",
    "Seen",
    "SpooledSegment",
    "State",
    "StateError",
    "Version",
]
