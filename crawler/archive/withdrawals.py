"""Withdrawn articles: the site answered 404, 410 or 451 for an article of the archive. Run files say so."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

# The keys of a run file: articles that were gone, and those that were gone before and answered 200.
WITHDRAWN, RETURNED = "withdrawn", "returned"


class Withdrawal(NamedTuple):
    """An article that the site withdrew: `since` when, and with which status it answered last."""

    id: str
    outlet: str
    key: str
    url: str
    status: int
    since: str


class Withdrawals:
    """The withdrawn articles by the run files of an archive: of several runs, the one that finished last decides."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[str, Withdrawal | None]] = {}

    def take(self, run: Mapping[str, Any]) -> None:
        """Read a run file, in any order. Raises KeyError, TypeError, ValueError for a malformed one."""
        for entry in run.get(WITHDRAWN, ()):
            self._note(entry["id"], run["finished"], Withdrawal(*(entry[name] for name in Withdrawal._fields)))
        for entry in run.get(RETURNED, ()):
            self._note(entry["id"], run["finished"], None)

    def _note(self, article_id: str, finished: str, found: Withdrawal | None) -> None:
        if not isinstance(article_id, str) or not isinstance(finished, str) or (found and type(found.since) is not str):
            raise TypeError("a value of a withdrawn article is not a text")
        if article_id not in self._last or self._last[article_id][0] <= finished:
            self._last[article_id] = (finished, found)

    def since(self, article_id: str) -> str | None:
        """Return when the site first answered that an article is gone, None if it is there."""
        found = self._last.get(article_id, ("", None))[1]
        return found.since if found else None

    def __iter__(self) -> Iterator[Withdrawal]:
        return (found for _, found in self._last.values() if found)
