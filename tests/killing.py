"""Crawls that are killed with -9 and started again, and what must hold afterwards."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from types import MappingProxyType
from typing import Any

import sandbox
import warm
from place import Place, wait_for
from plain_warc import is_sound, read_records
from sandbox import TODAY

from crawler.crawl.settings import PROJECT_ROOT
from crawler.demo.newspaper import Newspaper

# A crawl of some days, the same slow enough to be caught on its way, and the titles that it finds.
SINCE = TODAY - timedelta(days=4)
WORDS = ["crawl", "demo_tv", "-a", f"since={SINCE}", "-a", f"until={TODAY}"]
SLOW = [*WORDS, "-s", "DOWNLOAD_DELAY=0.15"]
WANTED = {
    one.title
    for one in Newspaper(TODAY).articles
    if one.outlet == "tv" and one.national and one.published.date() >= SINCE
}


def start(place: Place, *words: str) -> warm.Popen:
    return place.start(*(words or SLOW), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows_so_far(place: Place) -> list[dict[str, Any]]:
    return [json.loads(line) for path in place.spool("*.jsonl.open") for line in whole(path)]


Rows = list[dict[str, Any]]
# A place with what a killed crawl left, and the records that it had acknowledged.
Left = tuple[Place, set[str]]


def killed(place: Place, *words: str, enough: Callable[[Rows], bool] = lambda rows: len(rows) >= 4) -> set[str]:
    """Kill a crawl that has written rows enough; return what it had acknowledged."""
    process = start(place, *words)
    try:
        wait_for(lambda: enough(rows_so_far(place)))
    finally:
        process.kill()
        process.wait()
    return acknowledged_records(place)


def copied(left: Left, root: Path) -> Left:
    """Return a copy of what a killed crawl left, which a test may change."""
    place, acknowledged = left
    copytree(place.root / "spool", root / "spool")
    return Place(root, place.url), acknowledged


def finished(place: Place, *words: str) -> Any:
    answer = place.scrapy(*(words or WORDS))
    assert answer.returncode == 0, answer.stderr
    return answer


def kill_at_random(
    place: Place,
    commands: Sequence[list[str]],
    kills: int,
    seed: int,
    longest: float = 4.0,
    kill: Callable[[subprocess.Popen[bytes]], None] | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> set[str]:
    """Start the commands by turns and kill each; return the identifiers of all records ever acknowledged.

    The moments are counted from the process's start, from where its run begins and from where it acknowledges a
    record, by turns, however long the machine takes to come there.
    """
    chance = random.Random(seed)
    acknowledged: set[str] = set()
    for number in range(kills):
        with (place.root / f"crawl-{number}.log").open("wb") as log:
            process = warm.Popen(
                place.command(*commands[number % len(commands)]),
                cwd=PROJECT_ROOT,
                env=sandbox.environment(**environment),
                stdout=log,
                stderr=log,
            )
            (lambda *_: None, await_run, await_record)[number % 3](place, process)
            try:
                process.wait(chance.uniform(1.0, longest))
            except subprocess.TimeoutExpired:
                (kill or kill_all)(process)
        acknowledged |= acknowledged_records(place)
    return acknowledged


def await_run(place: Place, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process has begun a run."""
    before = known_runs(place)
    while process.poll() is None and not known_runs(place) - before:
        time.sleep(0.05)


def known_runs(place: Place) -> set[str]:
    return in_state(place, "runs", "run")


def await_record(place: Place, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process has acknowledged a record."""
    before = acknowledged_records(place)
    while process.poll() is None and not acknowledged_records(place) - before:
        time.sleep(0.05)


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children with -9: otherwise these would end cleanly when they miss their parent."""
    # Stopped first: it starts no more of them.
    process.send_signal(signal.SIGSTOP)
    for child in descendants(process.pid):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    process.kill()
    process.wait()


def kill_alone(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with -9 and wait until its children have ended, which they do when they miss it."""
    children = descendants(process.pid)
    process.kill()
    process.wait()
    while any(map(is_running, children)):
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Tell whether a process has not ended; one that nobody has waited for has."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def descendants(pid: int) -> list[int]:
    """Return the children of a process, and theirs, the last ones first."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
    found = [child for child, parent in parents.items() if parent == pid]
    return [below for child in found for below in (*descendants(child), child)]


def acknowledged_records(place: Place) -> set[str]:
    """Return the records that state calls recorded, and those that rows point at, read without our code."""
    rows = (json.loads(line) for path in place.spool("*.jsonl.open") for line in whole(path))
    return known_to_state(place) | {row["warc"]["record_id"] for row in rows}


def known_to_state(place: Place) -> set[str]:
    """Return the records that state calls recorded, read without our code."""
    return in_state(place, "articles", "record_id")


def in_state(place: Place, table: str, column: str) -> set[str]:
    """Return the values of a column of state."""
    found = set()
    for database in place.spool("state.db"):
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            # Killed while state was being made, it has no tables yet.
            if connection.execute(f"select 1 from sqlite_master where name = '{table}'").fetchone():
                found.update(value for (value,) in connection.execute(f"select {column} from {table}"))
        connection.close()
    return found


def whole(path: Path) -> list[bytes]:
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:  # The run closed it since it was listed, and state has its records.
        return []
    return [line for line in lines if line.endswith(b"\n")]


def judge(place: Place, acknowledged: set[str], wanted: set[str], beside: int = 0) -> Counter[str]:
    """Assert that nothing was lost, nothing is double and every file is sound; return how often each page came.

    Where a dead run is left alone, so many crawls `beside` it may each fetch what nobody had been told of yet.
    """
    assert not place.spool("*.open"), "files were left growing"
    assert not place.spool("*.gz"), "finished files were left in the spool"
    warcs = place.complete("warc/**/*.warc.gz")
    subprocess.run(["gzip", "-t", *map(str, warcs)], check=True)
    assert is_sound(*warcs)
    records = {path: read_records(path) for path in warcs}
    identifiers = [record.get("WARC-Record-ID") for found in records.values() for record in found]
    assert len(set(identifiers)) == len(identifiers)
    assert acknowledged <= set(identifiers)
    rows = place.rows()
    titles = Counter(row["title"] for row in rows)
    assert set(titles) == wanted
    assert set(titles.values()) == {1}
    pages = Counter(
        record.get("WARC-Target-URI")
        for found in records.values()
        for record in found
        if record.get("WARC-Type") == "response" and record.block.startswith(b"HTTP/1.1 200")
    )
    told = {one.get("WARC-Target-URI") for found in records.values() for one in found if is_of(one, acknowledged)}
    once = {pages[row["url"]] for row in rows if row["url"] in told or not beside}
    assert once <= {1}, "an article's page was archived twice"
    assert max(pages[row["url"]] for row in rows) <= 1 + beside
    for row in rows:
        assert_points_at_its_page(place, row)
    return pages


def is_of(record: Any, identifiers: set[str]) -> bool:
    return record.get("WARC-Record-ID") in identifiers


def assert_points_at_its_page(place: Place, row: dict) -> None:
    pointer = row["warc"]
    with (place.root / "archive" / pointer["file"]).open("rb") as file:
        file.seek(pointer["offset"])
        member = gzip.decompress(file.read(pointer["length"]))
    assert f"WARC-Record-ID: {pointer['record_id']}".encode() in member
    assert f"WARC-Target-URI: {row['url']}".encode() in member
