"""Where the articles of a plan go: clusters of copies, splits by time of publication, and shards."""

from collections.abc import Iterator
from typing import NamedTuple

from crawler.outlets.outlet import Outlet
from crawler.tools.copies.clusters import Text, clusters
from crawler.tools.dataset.facts import SPLITS
from crawler.tools.dataset.plan import Plan
from crawler.tools.dataset.selection import EPOCH, MICROSECOND

# Of twenty articles, the first eighteen are of the first split, and the next one is of the second.
TWENTIETHS = (18, 19)
# The most rows of a file.
SHARD_ROWS = 50_000
ORDER = """INSERT INTO kept (article, file, line)
    SELECT rowid, file, line FROM article WHERE reason = '' ORDER BY moment, id"""
SIGNED = """SELECT kept.number, moment, outlet, signature FROM kept JOIN article ON article.rowid = kept.article
    WHERE signature IS NOT NULL ORDER BY kept.number"""
SPLIT = """WITH ranked AS (
        SELECT number AS one, row_number() OVER (ORDER BY number) - 1 AS place, count(*) OVER () AS total FROM kept
    )
    UPDATE kept SET split = CASE WHEN 20 * place < ? * total THEN 0 WHEN 20 * place < ? * total THEN 1 ELSE 2 END
    FROM ranked WHERE number = one"""
JOIN_FIRST = """UPDATE kept SET split = earliest.split FROM copy JOIN kept AS earliest ON earliest.number = copy.first
    WHERE copy.number = kept.number"""
DONE = "layout"


class Shard(NamedTuple):
    """A file of a split: its path, and the part of the split's rows that it has."""

    path: str
    split: int
    begin: int
    rows: int


def lay_out(plan: Plan, without_copies: bool) -> None:
    """Find the clusters and the split of each article, in one transaction, unless that is done."""
    if plan.note(DONE):
        return
    with plan.transaction():
        plan.run(ORDER)
        plan.run_all("INSERT INTO copy VALUES (?, ?, ?)", _copies(plan))
        if without_copies:
            plan.run("DELETE FROM kept WHERE number IN (SELECT number FROM copy WHERE first <> number)")
        plan.run(SPLIT, *TWENTIETHS)
        plan.run(JOIN_FIRST)
        plan.take_note(DONE, "done")


def _copies(plan: Plan) -> Iterator[tuple[int, int, int]]:
    """Yield the number of each article of a cluster, the number of the earliest one, and the size of the cluster."""
    zone = Outlet.zone()

    def day(moment: int) -> int:
        return (EPOCH + moment * MICROSECOND).astimezone(zone).toordinal()

    texts = (Text(number, day(moment), outlet, bits) for number, moment, outlet, bits in plan.run(SIGNED))
    for numbers in clusters(texts):
        yield from ((number, numbers[0], len(numbers)) for number in numbers)


def shards(plan: Plan) -> list[Shard]:
    """Return the files of the data set, in order. A split without articles has none."""
    found = []
    for number, name in enumerate(SPLITS):
        rows = plan.count("SELECT count(*) FROM kept WHERE split = ?", number)
        total = -(-rows // SHARD_ROWS)
        for place in range(total):
            path = f"data/{name}-{place:05d}-of-{total:05d}.parquet"
            begin = place * SHARD_ROWS
            found.append(Shard(path, number, begin, min(SHARD_ROWS, rows - begin)))
    return found
