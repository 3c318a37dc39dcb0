"""State: what was seen, article by article and address by address, and the runs that saw it."""

from crawler.state.errors import Damaged, NewerSchema, StateError
from crawler.state.facts import ARTICLE, RECORDED_ONLY, Entry, Known, KnownArchive, Seen, Version
from crawler.state.store import State

__all__ = [
    "ARTICLE",
    "RECORDED_ONLY",
    "Damaged",
    "Entry",
    "Known",
    "KnownArchive",
    "NewerSchema",
    "Seen",
    "State",
    "StateError",
    "Version",
]
