"""Withheld articles: a decision to withhold one, or to lift that, is a new file `withheld/TIME-ID.json`.

The newest file of an article decides. Records and rows stay as they are: whoever publishes articles leaves out those
of `withheld_ids`.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from crawler.archive.documents import parsed
from crawler.archive.manifests import FORMAT, format_problem, write_json
from crawler.archive.names import DECISION, WITHHELD, decision_key
from crawler.archive.storage.base import READERS, Storage, StorageError
from crawler.model.span import rfc3339

WITHHOLD, LIFT = "withhold", "lift"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision on an article: `action` is WITHHOLD or LIFT, `by` the CONTACT of its maker, empty without one."""

    id: str
    outlet: str
    url: str
    action: str
    reason: str
    time: str
    by: str


def withheld_ids(storage: Storage) -> frozenset[str]:
    """Return the IDs of the withheld articles. Raises StorageError, OSError."""
    return frozenset(one.id for one in newest_decisions(storage).values() if one.action == WITHHOLD)


def newest_decisions(storage: Storage) -> dict[str, Decision]:
    """Return the newest decision on each article, by its ID, oldest first.

    Raises StorageError, OSError; also for a damaged file, because its article must not be published by mistake.
    """
    newest: dict[str, str] = {}
    for key in sorted(key for key, _ in storage.list(f"{WITHHELD}/")):
        if match := DECISION.fullmatch(key):
            newest[match["id"]] = key
    with ThreadPoolExecutor(READERS) as pool:
        return {decision.id: decision for decision in pool.map(partial(_read, storage), sorted(newest.values()))}


def _read(storage: Storage, key: str) -> Decision:
    try:
        with storage.open(key) as stream:
            return decision_in(stream.read(), key)
    except ValueError as error:
        raise StorageError(f"{key} in {storage.url} {error}") from error


def decision_in(data: bytes, key: str) -> Decision:
    """Return the decision in a file. Raises ValueError with the predicate of the sentence about a damaged file."""
    try:
        document = parsed(data)
    except ValueError as error:
        raise ValueError(f"is damaged: {error}") from error
    if not isinstance(document, dict):
        raise ValueError("is damaged: it is not a JSON object")
    if newer := format_problem(document):
        raise ValueError(newer)
    facts: dict[str, Any] = {name: document.get(name) for name in Decision.__dataclass_fields__}
    if not all(isinstance(value, str) for value in facts.values()) or facts["action"] not in (WITHHOLD, LIFT):
        raise ValueError(f"is damaged: it lacks one of the keys {', '.join(facts)}, or has another value")
    decision, expected = Decision(**facts), ""
    with suppress(ValueError):
        expected = decision_key(datetime.fromisoformat(decision.time), decision.id)
    if expected != key or not decision.time.endswith("Z"):
        raise ValueError("is damaged: its article or time differs from its name")
    return decision


def put_decision(storage: Storage, decision: Decision) -> None:
    """Write a decision as a new file. Raises StorageError, OSError."""
    key = decision_key(datetime.fromisoformat(decision.time), decision.id)
    with tempfile.TemporaryDirectory() as folder:
        write_json(Path(folder), key, {"format": FORMAT, **asdict(decision)})
        storage.put(Path(folder, key), key)


def time_after(last: Decision | None, now: datetime) -> str:
    """Return the time of a new decision: it sorts after the last one, also if that came from a clock ahead."""
    if last is not None:
        now = max(now, datetime.fromisoformat(last.time) + timedelta(milliseconds=1))
    return rfc3339(now)
