"""What waits in the spool when an update ends, and what for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.deployment import archive_of, archive_url
from crawler.locks import Locked, push_lock
from crawler.push import finished_files, gives_answer, waiting_outlets
from crawler.storage import StorageError

if TYPE_CHECKING:
    from scrapy.settings import Settings

ANOTHER = "until another process has brought up what it began to"
MORE_TIME = "for the next update or push"
# How long the store may take to answer whether it can be reached, and how long once the run was told to stop.
ANSWER_SECONDS, BRIEF_SECONDS = 5.0, 1.0


def waiting_in(settings: Settings, spool: Path, is_hurried: bool) -> Mapping[str, int]:
    """Return how many finished files wait, by what for, in words."""
    found: Counter[str] = Counter()
    with suppress(StorageError):
        for outlet in waiting_outlets(spool):
            found[ANOTHER if _is_held(spool, outlet) else MORE_TIME] += sum(1 for _ in finished_files(spool, outlet))
        seconds = BRIEF_SECONDS if is_hurried else ANSWER_SECONDS
        if found[MORE_TIME] and not gives_answer(archive_of(settings), seconds):
            found[f"until {archive_url(settings)} can be reached"] = found.pop(MORE_TIME)
    return +found


def _is_held(spool: Path, outlet: str) -> bool:
    try:
        with push_lock(spool, outlet):
            return False
    except Locked:
        return True
