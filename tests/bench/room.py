"""Measure the index of the reading room: time to fill it with made-up articles, size, memory, queries, a day more."""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from indexed_rows import Row, article_row, write_segment  # noqa: E402

from crawler.archive.storage.directory import DirectoryStorage  # noqa: E402
from crawler.room.index.database import NAME, connect  # noqa: E402
from crawler.room.index.filling import fill  # noqa: E402
from crawler.room.pages.covered import Covered  # noqa: E402
from crawler.room.search import articles  # noqa: E402
from crawler.room.search.counts import kept_since  # noqa: E402
from crawler.room.search.searching import search  # noqa: E402

OUTLETS, AUTHORS, SECTIONS, AGENCIES = 40, 400, 12, ("BSS", "UNB", "AFP", "REUTERS")
FIRST, DAYS = datetime.fromisoformat("2010-01-01T00:00:00+06:00"), 6000
# Rows of a segment, and those that are on the disk at once.
SEGMENT, ROUND = 500, 50_000
QUERIES, DAY = 200, 10_000
WORDS, TITLE, TEXT = 60_000, (4, 9), (60, 200)
ENDINGS = (*[""] * 16, "র", "র", "ের", "ে")


class Writer:
    """Writes articles with as many distinct words in thousands of words as Bengali news has."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        consonants, signs = "কখগঘচছজঝটডতদনপবভমযরলশসহ", ["", "া", "ি", "ী", "ু", "ে", "ো"]
        syllables = [consonant + sign for consonant in consonants for sign in signs]
        lengths = range(2, 5)
        self._words = ["".join(self._chance.choices(syllables, k=self._chance.choice(lengths))) for _ in range(WORDS)]
        self._weights = list(accumulate(1 / (rank + 15) ** 1.15 for rank in range(WORDS)))

    def row(self, number: int, at: datetime) -> Row:
        chance = self._chance
        outlet = f"outlet_{chance.randrange(OUTLETS)}"
        return article_row(
            number,
            self._sentence(TITLE),
            "\n".join(self._sentence(TEXT) for _ in range(2)),
            at.isoformat(),
            outlet=outlet,
            authors=[{"name": f"প্রতিবেদক {chance.randrange(AUTHORS)}", "kind": "person"}],
            agencies=chance.sample(AGENCIES, chance.choice((0, 0, 0, 1))),
            section=f"বিভাগ {chance.randrange(SECTIONS)}",
            scope="national",
        )

    def _sentence(self, length: tuple[int, int]) -> str:
        count = self._chance.randint(*length)
        words = self._chance.choices(self._words, cum_weights=self._weights, k=count)
        return " ".join(word + self._chance.choice(ENDINGS) for word in words)


class Bench:
    """An archive of made-up articles and its index."""

    def __init__(self, root: Path, seed: int) -> None:
        self._archive = root / "archive"
        self._index = root / NAME
        self._writer = Writer(seed)
        self._chance = random.Random(seed)
        self._segments = self._articles = 0

    def add(self, count: int, first: datetime, span: timedelta) -> float:
        """Add articles of a span to the archive; return the seconds in which the index has them."""
        shutil.rmtree(self._archive / "articles", ignore_errors=True)
        numbers = range(self._articles, self._articles + count)
        moments = sorted(first + span * self._chance.random() for _ in numbers)
        rows = [(number, moment) for number, moment in zip(numbers, moments, strict=True)]
        for begin in range(0, count, SEGMENT):
            made = (self._writer.row(*one) for one in rows[begin : begin + SEGMENT])
            write_segment(self._archive, self._segments, *made)
            self._segments += 1
        self._articles += count
        start = time.perf_counter()
        done = fill(DirectoryStorage(self._archive), self._index)
        assert (done.rows, done.problems) == (count, []), done
        return time.perf_counter() - start

    def queries(self) -> Iterator[str]:
        """Yield two to four words of titles of any age."""
        with closing(connect(self._index)) as connection:
            last = connection.execute("SELECT max(number) FROM texts").fetchone()[0]
            first = connection.execute("SELECT min(number) FROM texts").fetchone()[0]
            for _ in range(QUERIES):
                place = self._chance.randint(first, last)
                numbers = connection.execute("SELECT number FROM texts WHERE number >= ? LIMIT 1", (place,))
                ((_, row),) = articles.rows_of(connection, [numbers.fetchone()[0]])
                words = row["title"].split()
                begin = self._chance.randrange(len(words) - 3)
                yield " ".join(words[begin : begin + self._chance.randint(2, 4)])

    def search(self) -> None:
        """Print the milliseconds of queries, with facets, hits and snippets."""
        with closing(connect(self._index)) as connection:
            queries = list(self.queries())
            times, capped = [], 0
            for query in queries:
                start = time.perf_counter()
                capped += search(connection, query).is_capped
                times.append((time.perf_counter() - start) * 1000)
            times.sort()
            print(
                f"  {QUERIES} queries of titles: median {median(times):.1f} ms, nine in ten below"
                f" {times[QUERIES * 9 // 10]:.1f} ms, slowest {times[-1]:.1f} ms;"
                f" {capped} have more than 10,000 matches"
            )
            for name, query in (("all articles", ""), ("an outlet", "outlet:outlet_3"), ("a section", "section:বিভাগ৩")):
                start = time.perf_counter()
                search(connection, query)
                print(f"  {name}: {(time.perf_counter() - start) * 1000:.1f} ms")

    def front_page(self) -> None:
        """Print the milliseconds of what the front page reads with a new connection."""
        start = time.perf_counter()
        with closing(connect(self._index)) as connection:
            articles.newest(connection, 12)
            Covered.last_days(connection)
            articles.outlets(connection)
            # As on the day of a backfill: all articles are of today.
            kept_since(connection, FIRST)
        print(f"  newest 12, coverage, outlets and what is new: {(time.perf_counter() - start) * 1000:.1f} ms")

    @property
    def size(self) -> float:
        """The megabytes of the index."""
        return sum(path.stat().st_size for path in self._index.parent.glob("index*")) / 1e6


def peak() -> float:
    """Return the most megabytes that this process has had in memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=50_000, metavar="N", help="articles in the archive")
    parser.add_argument("--seed", type=int, default=26, metavar="N", help="seed of the made-up articles")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench, took, left = Bench(Path(folder), options.seed), 0.0, options.articles
        while left:
            count = min(ROUND, left)
            left -= count
            took += (last := bench.add(count, FIRST, timedelta(DAYS)))
            done = options.articles - left
            print(f"  {done:,} articles: the last {count:,} in {last:.1f} s, {peak():.0f} MB of memory", flush=True)
        print(f"{options.articles:,} articles in {took:.1f} s; the index has {bench.size:,.0f} MB")
        bench.search()
        bench.front_page()
        print(f"  a day of {DAY:,} more articles: {bench.add(DAY, FIRST + timedelta(DAYS), timedelta(1)):.1f} s")
        print(f"  {peak():.0f} MB of memory at most")


if __name__ == "__main__":
    main()
