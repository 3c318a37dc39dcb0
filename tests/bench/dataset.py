"""Measure `scrapy dataset` and `scrapy copies` on made-up articles: time, peak memory, size of the output."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.figures import peak_of
from indexed_rows import WARC, article_row

from crawler.archive.manifests import write_manifest
from crawler.archive.names import key_of
from crawler.archive.rows import write_rows

ROOT = Path(__file__).resolve().parents[2]
OUTLETS, FIRST = 40, datetime(2010, 1, 1, tzinfo=UTC)
# Rows of a segment. The segments of all outlets have the articles of the same days.
SEGMENT = 500
AGENCIES, SECTIONS = ("BSS", "UNB", "AFP", "REUTERS"), 12
VOCABULARY, DRAWN, TITLE, TEXT = 120_000, 1_000_000, (4, 9), (60, 200)
# The share of copies, and how many articles back a copy's original may be.
COPIES, BACK = 0.12, 3_000
ENDINGS = ("", "", "", "র", "ের", "ে")
MEGABYTE = 1_000_000


class Writer:
    """Writes the rows of articles, some of which copy one that came shortly before."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        consonants, signs = "কখগঘচছজঝটডতদনপবভমযরলশসহ", ["", "া", "ি", "ী", "ু", "ে", "ো"]
        syllables = [consonant + sign for consonant in consonants for sign in signs]
        stems = ["".join(self._chance.choices(syllables, k=length % 3 + 2)) for length in range(VOCABULARY)]
        words = [stem + self._chance.choice(ENDINGS) for stem in stems]
        weights = [1 / (rank + 15) ** 1.15 for rank in range(VOCABULARY)]
        # To choose among equally likely words is much faster.
        self._words = self._chance.choices(words, weights, k=DRAWN)
        self._recent: deque[tuple[str, str]] = deque(maxlen=BACK)
        self._blank = article_row(0, "-", scope="national")

    def line(self, number: int, outlet: str, at: datetime, file: str) -> bytes:
        """Return the row of an article as a line."""
        chance = self._chance
        title, text = self._article()
        url = f"https://{outlet}.example/article/{number}"
        row: dict[str, Any] = self._blank | {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, url)),
            "outlet": outlet,
            "url": url,
            "canonical_url": url,
            "title": title,
            "description": text[:120].rpartition(" ")[0],
            "text": text,
            "authors": [{"name": f"প্রতিবেদক {chance.randrange(400)}", "kind": "person"}],
            "agencies": chance.sample(AGENCIES, chance.choice((0, 0, 0, 1))),
            "section": f"বিভাগ {chance.randrange(SECTIONS)}",
            "published": {"at": at.isoformat(), "precision": "second", "source": "meta"},
            "fetched_at": f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%S.%fZ}",
            "warc": WARC | {"file": file, "offset": number * 20_000},
            "text_digest": "sha256:" + hashlib.sha256(f"{title}\n{text}".encode()).hexdigest(),
        }
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"

    def _article(self) -> tuple[str, str]:
        """Return title and text: new ones, or those of an earlier article with another lead and an earlier end."""
        if self._recent and self._chance.random() < COPIES:
            title, text = self._chance.choice(self._recent)
            copied = text[: int(len(text) * self._chance.uniform(0.8, 1))].rpartition(" ")[0]
            return title, f"{self._sentence((5, 30))}\n{copied}"
        made = self._sentence(TITLE), f"{self._sentence(TEXT)}\n{self._sentence(TEXT)}"
        self._recent.append(made)
        return made

    def _sentence(self, length: tuple[int, int]) -> str:
        count = self._chance.randint(*length)
        return " ".join(self._chance.choices(self._words, k=count))


def make(archive: Path, rows: int, a_day: int, seed: int) -> Iterator[int]:
    """Make an archive of row files; yield the rows of each."""
    writer, step = Writer(seed), timedelta(days=1) / a_day
    for begin in range(0, rows, SEGMENT * OUTLETS):
        numbers = range(begin, min(rows, begin + SEGMENT * OUTLETS))
        stamp = f"{FIRST + numbers[-1] * step:%Y%m%dT%H%M%S000}"
        for place in range(min(OUTLETS, len(numbers))):
            outlet = f"outlet_{place}"
            stem = f"khobor-{outlet}-{stamp}-00001-host"
            own, file = numbers[place::OUTLETS], key_of("warc", stem)
            lines = (writer.line(number, outlet, FIRST + number * step, file) for number in own)
            write_manifest(archive, stem, [], [write_rows(archive, key_of("articles", stem), lines, level=1)])
            yield len(own)


def measured(rows: int, archive: Path, *words: str) -> None:
    """Run one of our commands on an archive; print its time and its peak memory."""
    places = {"KHOBOR_ARCHIVE_URL": str(archive), "KHOBOR_SPOOL_DIR": str(archive.with_name("spool"))}
    command, began, used = [sys.executable, "-m", "scrapy", *words], time.monotonic(), processor()
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **places}) as process:
        peak = peak_of(process)
    took = time.monotonic() - began
    if process.returncode:
        sys.exit(f"scrapy {words[0]} ended with {process.returncode}")
    print(
        f"scrapy {words[0]}: {took:,.1f} s ({processor() - used:,.1f} s of processor time),"
        f" {rows / took:,.0f} rows a second, {peak} MB of memory",
        flush=True,
    )


def processor() -> float:
    """Return the seconds of processor time of all processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def size_of(folder: Path) -> str:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return f"{sum(sizes) / MEGABYTE:,.1f} MB in {len(sizes)} files"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000, metavar="N", help="articles in the archive")
    parser.add_argument("--a-day", type=int, default=4_000, metavar="N", help="articles published on a day")
    parser.add_argument("--seed", type=int, default=27, metavar="N", help="seed of the made-up articles")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="khobor-bench-") as name:
        folder, began = Path(name), time.monotonic()
        rows = sum(make(folder / "archive", options.rows, options.a_day, options.seed))
        made = size_of(folder / "archive" / "articles")
        print(f"{rows:,} rows, {made}: made in {time.monotonic() - began:,.1f} s", flush=True)
        measured(rows, folder / "archive", "dataset", "--to", str(folder / "dataset"))
        print(f"the data set has {size_of(folder / 'dataset')}", flush=True)
        measured(rows, folder / "archive", "copies", "--to", str(folder / "copies.jsonl"))
        print(f"the file of the stories has {(folder / 'copies.jsonl').stat().st_size / MEGABYTE:,.1f} MB")


if __name__ == "__main__":
    main()
