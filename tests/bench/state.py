"""Measure state before and after millions of articles: memory, look-ups and writes per second."""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from crawler.model.capture import Original  # noqa: E402
from crawler.state import Seen, State  # noqa: E402
from crawler.state.queries import url_digest  # noqa: E402
from crawler.state.tables import articles, captures  # noqa: E402

TARGET = 10_000
OUTLETS = 40
A_RUN = 2000
# As the writer commits: one page or a few, many after a pause.
COMMITS = (1, 20, 1000)
QUERIED = 100
SECONDS = 2.0


def seen(number: int) -> Seen:
    """Return an article as crawls see it: the key a number or a slug, the address long."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    run = number // A_RUN
    outlet, name = f"outlet_{run % OUTLETS}", f"khobor-outlet_{run % OUTLETS}-20261124T{run:09d}-host"
    return Seen(
        outlet=outlet,
        key=digest[:20] if number % 2 else str(number),
        url=f"https://www.{outlet}.example/bangladesh/{number}/%E0%A6%A2%E0%A6%BE%E0%A6%95%E0%A6%BE-{digest[:40]}",
        outcome="article",
        scope="national",
        run=name,
        fetched_at="2026-11-24T10:15:00.123456Z",
        file=f"warc/{outlet}/2026/11/{name}.warc.gz",
        offset=number,
        record_id=f"<urn:uuid:{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}>",
        version=1,
        text_digest=f"sha256:{digest}",
        extractor="2026.11",
    )


def original(one: Seen) -> Original:
    """Return the capture of an article's page."""
    sha1 = f"sha1:{one.record_id[10:42].upper()}"
    place = (one.url, one.fetched_at, one.record_id, one.file, one.offset, 25_000)
    return Original(*place, sha1, sha1, "", "gzip", "text/html", f'W/"{sha1[5:25]}"', "Tue, 24 Nov 2026 10:00:00 GMT")


def fill(url: str, start: int, end: int) -> None:
    """Insert archived articles and captures, in another process whose memory is not measured."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        pool.submit(_fill, url, start, end).result()


def _fill(url: str, start: int, end: int) -> None:
    state = State(url)
    for first in range(start, end, 10 * A_RUN):
        batch = [seen(number) for number in range(first, min(first + 10 * A_RUN, end))]
        rows = [asdict(one) | {"status": "archived"} for one in batch]
        pages = [
            original(one)._asdict() | {"status": "archived", "outlet": one.outlet, "url_digest": url_digest(one.url)}
            for one in batch
        ]
        with state.engine.begin() as connection:
            connection.execute(articles.insert(), rows)
            connection.execute(captures.insert(), pages)
    state.close()


class Bench:
    """Measures a state that has the first `held` articles."""

    def __init__(self, state: State, held: int) -> None:
        self.state = state
        self.held = held
        self.random = random.Random(held)
        self.files: set[str] = set()

    def measure(self) -> None:
        """Print the rates of look-ups and writes at the present size."""
        print(f"{self.held:,} seen:")
        self.rate(f"known, {QUERIED} per query", QUERIED, self.known)
        self.rate("captures, 8 per query", 8, self.originals)
        for size in COMMITS:
            self.rate(f"new articles with captures, {size} per commit", size, lambda size=size: self.add(size))
        for size in COMMITS:
            self.rate(f"articles seen again, {size} per commit", size, lambda size=size: self.again(size))
        for file in sorted(self.files):
            self.state.archived(file)
        print(f"  {resident():.0f} MB resident", flush=True)

    def rate(self, what: str, size: int, prepare: Callable[[], Callable[[], None]]) -> None:
        """Print the rate per second by the clock and per CPU second of this process, without preparation."""
        rounds, took, cpu = 0, 0.0, 0.0
        while took < SECONDS:
            do = prepare()
            start, cpu_start = time.perf_counter(), time.process_time()
            do()
            took += time.perf_counter() - start
            cpu += time.process_time() - cpu_start
            rounds += 1
        print(
            f"  {what}: {rounds * size / took:,.0f} per second, {rounds * size / cpu:,.0f} per CPU second", flush=True
        )

    def some(self, number: int) -> list[Seen]:
        """Return known articles of one run."""
        start = self.random.randrange(self.held // A_RUN) * A_RUN
        return [seen(start + each) for each in self.random.sample(range(A_RUN), number)]

    def known(self) -> Callable[[], None]:
        """Look up keys of an outlet, half of them known."""
        half = self.some(QUERIED // 2)
        keys = {one.key for one in half}
        queried = [*keys, *(f"{key}-new" for key in keys)]

        def do() -> None:
            assert self.state.known(half[0].outlet, queried, "national").done == keys

        return do

    def originals(self) -> Callable[[], None]:
        """Look up captures by address."""
        some = self.some(8)
        urls = [one.url for one in some]

        def do() -> None:
            assert self.state.originals(some[0].outlet, urls).keys() == set(urls)

        return do

    def add(self, size: int) -> Callable[[], None]:
        """Record new articles."""
        self.held += size
        return self.record([seen(self.held - number) for number in range(size, 0, -1)])

    def again(self, size: int) -> Callable[[], None]:
        """Record known articles again."""
        return self.record(self.some(size))

    def record(self, batch: list[Seen]) -> Callable[[], None]:
        """Record articles and their captures, outlet by outlet."""
        outlets = {one.outlet: [each for each in batch if each.outlet == one.outlet] for one in batch}
        pages = {outlet: [original(one) for one in mine] for outlet, mine in outlets.items()}
        self.files |= {one.file for one in batch if one.file}

        def do() -> None:
            for outlet, mine in outlets.items():
                self.state.recorded(mine, pages[outlet])

        return do


def resident() -> float:
    """Return the memory of this process, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seen", type=int, default=5_000_000)
    parser.add_argument("--url", help="an empty PostgreSQL database instead of an SQLite file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        url = options.url or f"sqlite:///{folder}/state.db"
        state = State(url)
        print(f"state on {state.engine.dialect.name}; target: at least {TARGET:,} look-ups or writes per second")
        fill(url, 0, 2 * A_RUN)
        first = Bench(state, 2 * A_RUN)
        first.measure()
        held = max(options.seen, first.held)
        fill(url, first.held, held)
        Bench(state, held).measure()
        print(f"  {state.size() / 1e9:.1f} GB on disk")
        state.close()


if __name__ == "__main__":
    main()
