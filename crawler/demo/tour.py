"""`make demo`: start the demo newspaper, run an update and a backfill of its 30 days, verify and show what was kept."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from scrapy.utils.project import get_project_settings

from crawler.deployment import PROJECT_ROOT, archive_url
from crawler.storage import Storage, storage_for
from crawler.summary import readable

OUTLETS = ("demo_daily", "demo_portal", "demo_tv")
DAYS = 30


@dataclass(slots=True)
class Kept:
    """What the archive holds of one outlet."""

    articles: int = 0
    bytes: int = 0
    files: int = 0


def main() -> int:
    """Run the tour; return its exit code: the first one of a command that was not 0."""
    os.environ["SCRAPY_PROJECT"] = "test"
    today = datetime.now(ZoneInfo("Asia/Dhaka")).date()
    since = today - timedelta(days=DAYS - 1)
    with newspaper(today.isoformat()) as address:
        print(f"The demo newspaper stands at {address} with the {DAYS} days that end on {today}.\n")
        span = ["--since", since.isoformat(), "--until", today.isoformat()]
        for words in (["update", *OUTLETS], ["backfill", *OUTLETS, *span], ["verify"]):
            print(f"$ SCRAPY_PROJECT=test python -m scrapy {' '.join(words)}", flush=True)
            exit_code = scrapy(*words, "-s", f"DEMO_URL={address}")
            if exit_code:
                return exit_code
            print()
    show(storage_for(archive_url(get_project_settings())))
    return 0


@contextmanager
def newspaper(today: str) -> Iterator[str]:
    """Run the demo newspaper on a free port; yield its address."""
    command = [sys.executable, "-m", "crawler.demo", "--port", "0", "--today", today]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield next(word for word in process.stdout.readline().split() if word.startswith("http"))
        finally:
            process.terminate()


def scrapy(*words: str) -> int:
    """Run a command of ours as a user would; return its exit code."""
    return subprocess.run([sys.executable, "-m", "scrapy", *words], cwd=PROJECT_ROOT, check=False).returncode


def show(storage: Storage) -> None:
    """Print a table of what the archive holds, and one article of it."""
    kept: dict[str, Kept] = defaultdict(Kept)
    newest: dict[str, Any] = {}
    for key, size in storage.list():
        outlet = kept[_outlet(key)]
        outlet.bytes += size
        outlet.files += 1
        if key.startswith("articles/"):
            for row in _rows(storage, key):
                outlet.articles += 1
                newest = max(newest, row, key=_published)
    _print_table(kept, storage.url)
    if newest:
        print(f"\n{newest['title']}\n{newest['published']['at']}  {newest['url']}")
        print(f"recorded in {newest['warc']['file']} at byte {newest['warc']['offset']}")


def _print_table(kept: dict[str, Kept], place: str) -> None:
    table = Table("outlet", "articles", "bytes", "files", title=f"Kept in {place}", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for outlet, one in sorted(kept.items()):
        table.add_row(outlet, str(one.articles), readable(one.bytes), str(one.files))
    total = Kept(*(sum(getattr(one, name) for one in kept.values()) for name in ("articles", "bytes", "files")))
    table.add_section()
    table.add_row("all", str(total.articles), readable(total.bytes), str(total.files))
    Console().print(table)


def _outlet(key: str) -> str:
    # Every name in the archive begins khobor-OUTLET-.
    return key.rsplit("/", 1)[-1].split("-")[1]


def _published(row: dict[str, Any]) -> str:
    return str((row.get("published") or {}).get("at") or "")


def _rows(storage: Storage, key: str) -> Iterator[dict[str, Any]]:
    with storage.open(key) as stream, gzip.open(stream, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main())
