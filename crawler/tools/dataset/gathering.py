"""The facts about a data set, gathered from its plan."""

import json
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from crawler import __version__
from crawler.archive.storage.base import Storage
from crawler.model.span import ONE_DAY, rfc3339
from crawler.recording.archive_identity import id_of
from crawler.system.terminal import counted
from crawler.tools.dataset.facts import (
    BUCKETS,
    COPY,
    SPLITS,
    WITHHELD,
    DatasetFacts,
    FileFacts,
    SplitFacts,
    bucket_of,
    withheld_digest,
)
from crawler.tools.dataset.options import DatasetOptions
from crawler.tools.dataset.plan import Plan, PlanSources
from crawler.tools.dataset.selection import EPOCH, MICROSECOND, OUTSIDE
from crawler.tools.export.rows import local
from crawler.tools.report.figures import OutletFigures, RowFigures
from crawler.tools.report.gaps import known_gaps

UNKNOWN = "unknown"
KEPT = "kept JOIN article ON article.rowid = kept.article"


def facts_of(
    plan: Plan, sources: PlanSources, storage: Storage, options: DatasetOptions, files: list[FileFacts]
) -> DatasetFacts:
    """Return the facts of a data set that is laid out. Raises StorageError."""
    newest = plan.run(f"SELECT max(fetched_at) FROM {KEPT}").fetchone()[0]
    left_out = _left_out(plan, options)
    return DatasetFacts(
        text=options.text,
        options=options.as_json(),
        archive=id_of(storage),
        khobor=__version__,
        newest=newest,
        extractors=_counts(plan, "extractor"),
        splits={name: _split(plan, number) for number, name in enumerate(SPLITS)},
        months=_months(plan),
        outlets=_counts(plan, "outlet"),
        languages=_counts(plan, "language"),
        scopes=_counts(plan, f"coalesce(scope, '{UNKNOWN}')"),
        lengths=_lengths(plan),
        warnings=_warnings(plan),
        clusters=plan.count("SELECT count(*) FROM copy WHERE number = first"),
        clustered=plan.count("SELECT count(*) FROM copy"),
        left_out=left_out,
        withheld=_withheld(plan),
        withdrawn=sum(_is_kept(plan, one.id) for one in sources.withdrawals),
        gaps=list(_gaps(plan, sources, options, local(newest).date())),
        files=files,
    )


def _counts(plan: Plan, column: str) -> dict[str, int]:
    """Return the numbers of articles by a column, sorted by its values."""
    return dict(tuple(row) for row in plan.run(f"SELECT {column}, count(*) FROM {KEPT} GROUP BY 1 ORDER BY 1"))


def _split(plan: Plan, number: int) -> SplitFacts:
    found = plan.run(f"SELECT count(*), min(moment), max(moment) FROM {KEPT} WHERE split = ?", number).fetchone()
    return SplitFacts(found[0], *(None if moment is None else _moment(moment) for moment in found[1:]))


def _moment(microseconds: int) -> str:
    return rfc3339(EPOCH + microseconds * MICROSECOND)


def _months(plan: Plan) -> dict[str, int]:
    months: Counter[str] = Counter()
    for day, count in plan.run(f"SELECT day, count(*) FROM {KEPT} GROUP BY day ORDER BY day"):
        months[f"{date.fromordinal(day):%Y-%m}"] += count
    return dict(months)


def _lengths(plan: Plan) -> dict[str, int]:
    counts = dict.fromkeys(map(bucket_of, BUCKETS), 0)
    for words, count in plan.run(f"SELECT words, count(*) FROM {KEPT} GROUP BY words"):
        counts[bucket_of(words)] += count
    return counts


def _warnings(plan: Plan) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for warnings, count in plan.run(f"SELECT warnings, count(*) FROM {KEPT} GROUP BY warnings"):
        counts.update(dict.fromkeys(json.loads(warnings), count))
    return dict(sorted(counts.items()))


def _left_out(plan: Plan, options: DatasetOptions) -> dict[str, int]:
    statement = "SELECT reason, count(*) FROM article WHERE reason NOT IN ('', ?) GROUP BY reason"
    counts = dict(tuple(row) for row in plan.run(statement, OUTSIDE))
    if options.without_copies and (copies := plan.count("SELECT count(*) FROM copy WHERE number <> first")):
        counts[COPY] = copies
    return dict(sorted(counts.items()))


def _withheld(plan: Plan) -> list[str]:
    """Return the digests of the withheld articles, sorted."""
    found = plan.run("SELECT id FROM article WHERE reason = ?", WITHHELD)
    return sorted(withheld_digest(str(uuid.UUID(bytes=one))) for (one,) in found)


def _is_kept(plan: Plan, article: str) -> bool:
    return plan.count(f"SELECT count(*) FROM {KEPT} WHERE article.id = ?", uuid.UUID(article).bytes) > 0


def _gaps(plan: Plan, sources: PlanSources, options: DatasetOptions, newest: date) -> Iterable[dict[str, str]]:
    """Yield the gaps in the articles of each outlet up to the day before the newest capture.

    Articles that are left out count. Outlets are those with articles, and those that runs requested.
    """
    found = _articles(plan)
    for outlet in sorted(found.keys() | sources.requested.keys()):
        rows = RowFigures(found.get(outlet, Counter()))
        figures = OutletFigures(outlet, outlet, rows, requested_since=sources.requested.get(outlet))
        last = min(options.until or newest, newest - ONE_DAY)
        first = max(filter(None, (options.since, figures.first)), default=last + timedelta(days=1))
        for gap in known_gaps(figures, first, last):
            what = f"{counted(len(gap.dates), 'day')}: {gap.reason}"
            yield {"outlet": outlet, "since": str(gap.since), "until": str(gap.until), "what": what}


def _articles(plan: Plan) -> dict[str, Counter[date]]:
    """Return the numbers of articles that were found, by outlet and day."""
    found: dict[str, Counter[date]] = {}
    statement = "SELECT outlet, day, count(*) FROM article WHERE reason <> ? GROUP BY outlet, day"
    for outlet, day, count in plan.run(statement, OUTSIDE):
        found.setdefault(outlet, Counter())[date.fromordinal(day)] = count
    return found
