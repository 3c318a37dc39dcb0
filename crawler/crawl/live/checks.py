"""The results of live checks, and live.json of the spool, which keeps the last one of each outlet."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from crawler.model.article import Article
from crawler.model.exit_codes import OK, REFUSED, UNHEALTHY
from crawler.model.span import rfc3339

FILE = "live.json"
Result = Literal["works", "broke", "refuses"]
COLUMNS = ("outlet", "result", "links", "matched", "published", "characters", "title", "problem")


@dataclass(slots=True)
class LiveCheck:
    """What was found of an outlet at a moment, None what was not reached; `problem` is a sentence.

    `listing` and `article` are addresses; `matched` links are articles of the outlet.
    """

    outlet: str
    at: datetime
    result: Result = "broke"
    problem: str | None = "not checked to its end: see the log with -L ERROR"
    listing: str | None = None
    links: int | None = None
    matched: int | None = None
    article: str | None = None
    title: str | None = None
    published: str | None = None
    characters: int | None = None

    def failed(self, problem: str, exit_code: int = UNHEALTHY) -> None:
        self.result, self.problem = "refuses" if exit_code == REFUSED else "broke", problem

    def read(self, article: Article) -> None:
        """Note an article; a text without a date, or one as short as a teaser, is a problem."""
        self.title, self.characters = article.title, len(article.text)
        self.published = article.published.at.isoformat() if article.published else None
        if "short-text" in article.warnings:
            self.failed(f"the article has a text of {self.characters} characters: {self.article}")
        elif article.published is None:
            self.failed(f"the article has no date: {self.article}")
        else:
            self.result, self.problem = "works", None

    @property
    def sentence(self) -> str:
        verb = "refused" if self.result == "refuses" else "broke in"
        return f"{verb} the live check of {self.at.astimezone(UTC):%Y-%m-%d}: {self.problem}"

    def cells(self) -> list[str]:
        """Return the cells of COLUMNS; empty for what is unknown."""
        values = (getattr(self, name) for name in COLUMNS)
        return ["" if value is None else str(value) for value in values]


def exit_code_of(checks: Iterable[LiveCheck]) -> int:
    results = {check.result for check in checks}
    return UNHEALTHY if "broke" in results else REFUSED if "refuses" in results else OK


def read_checks(spool: Path) -> dict[str, LiveCheck]:
    """Return the last check of each outlet by name; none without the file. Raises OSError, ValueError."""
    path = spool / FILE
    if not path.exists():
        return {}
    try:
        known: Mapping[str, Mapping[str, Any]] = json.loads(path.read_bytes())["outlets"]
        return {
            name: LiveCheck(**{**one, "outlet": name, "at": datetime.fromisoformat(one["at"])})
            for name, one in known.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is damaged ({type(error).__name__}); scrapy outlets --live replaces it") from error


def write_checks(spool: Path, checks: Sequence[LiveCheck], known: Mapping[str, LiveCheck]) -> None:
    """Write checks, and the known ones of other outlets, into the file at once. Raises OSError."""
    together = {**known, **{check.outlet: check for check in checks}}
    outlets = {name: {**asdict(check), "at": rfc3339(check.at)} for name, check in sorted(together.items())}
    for facts in outlets.values():
        del facts["outlet"]
    spool.mkdir(parents=True, exist_ok=True)
    # Two checks may end at once.
    partial = spool / f".{FILE}.{os.getpid()}"
    try:
        partial.write_text(json.dumps({"outlets": outlets}, ensure_ascii=False, indent=1) + "\n", "utf-8")
        partial.replace(spool / FILE)
    finally:
        partial.unlink(missing_ok=True)
