"""Which articles are in a data set, and the facts of each that the plan keeps."""

import json
import uuid
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from crawler.archive.documents import row_check
from crawler.bengali.language import bengali_share
from crawler.tools.copies.clusters import body_words
from crawler.tools.copies.signatures import signature
from crawler.tools.copies.stories import published_by
from crawler.tools.dataset.facts import LANGUAGE, LENGTH, OPT_OUTS, SCOPE, WARNING, WITHHELD
from crawler.tools.dataset.options import DatasetOptions
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import Row, day_of, malformed, moment_of

# The reason of articles of other outlets and days, which are not counted.
OUTSIDE = "outside"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Digits of the share of Bengali.
SHARE_DIGITS = 4


class PlannedArticle(NamedTuple):
    """The newest row of an article: its place, and the facts that splits, copies and the card need.

    `moment` is that of publication in microseconds since 1970, by which copies are compared too. `day` is the ordinal
    of the day of publication in the outlet's zone. An article with a `reason` is left out, and what follows is empty.
    """

    id: bytes
    fetched: int
    file: int
    line: int
    moment: int
    day: int
    outlet: str
    reason: str
    fetched_at: str = ""
    language: str = ""
    scope: str | None = None
    extractor: str = ""
    warnings: str = ""
    characters: int = 0
    words: int = 0
    share: float = 0.0
    signature: bytes | None = None


class ArticleSelection:
    """Selects articles by the options of a data set and the IDs of withheld articles."""

    def __init__(self, options: DatasetOptions, withheld: Collection[str]) -> None:
        self._options = options
        self._withheld = withheld
        self._days = options.days
        self._most = options.max_words if options.max_words is not None else float("inf")

    def article(self, row: Row, file: int) -> PlannedArticle:
        """Return the facts of a row in a numbered file. Raises ExportFailed for a malformed row."""
        for problem in row_check()(row.fields):
            raise ExportFailed(f"{row.place}: {problem}")
        try:
            day = day_of(row.fields)
            fetched = _microseconds(moment_of(row.fields["fetched_at"]))
            moment = _microseconds(published_by(row.fields))
        except (TypeError, ValueError, OverflowError) as error:
            raise malformed(row, error) from error
        article = uuid.UUID(row.fields["id"]).bytes
        words = len(row.fields["text"].split())
        reason = next(self._reasons(row.fields, day, words), "")
        place = (article, fetched, file, row.number, moment, day.toordinal(), row.fields["outlet"], reason)
        return PlannedArticle(*place) if reason else PlannedArticle(*place, **_facts(row.fields, words))

    def _reasons(self, row: dict[str, Any], day: date, words: int) -> Iterator[str]:
        """Yield why an article is left out, the reason that counts first."""
        wanted, warnings = self._options, row["warnings"]
        if not self._days.hold(day) or (wanted.outlets and row["outlet"] not in wanted.outlets):
            yield OUTSIDE
        if row["id"] in self._withheld:
            yield WITHHELD
        if not wanted.with_opted_out:
            yield from (code for code in OPT_OUTS if code in warnings)
        if wanted.languages and row["language"] not in wanted.languages:
            yield LANGUAGE
        if wanted.scopes and row["scope"] not in wanted.scopes:
            yield SCOPE
        if not (wanted.min_words or 0) <= words <= self._most:
            yield LENGTH
        yield from (WARNING + code for code in wanted.without_warnings if any(_is_of(one, code) for one in warnings))


def _is_of(warning: str, code: str) -> bool:
    """Return whether a warning has a code, or is a special case of it: `text-dropped:share`."""
    return warning == code or warning.startswith(f"{code}:")


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _facts(row: dict[str, Any], words: int) -> dict[str, Any]:
    text = row["text"]
    return {
        "fetched_at": row["fetched_at"],
        "language": row["language"],
        "scope": row["scope"],
        "extractor": f"{row['extractor']['name']} {row['extractor']['version']}",
        "warnings": json.dumps(row["warnings"]),
        "characters": len(text),
        "words": words,
        "share": round(bengali_share(text), SHARE_DIGITS),
        "signature": signature(body_words(row)),
    }
