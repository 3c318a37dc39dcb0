"""`make demo`: start the demo newspaper, run an update and a backfill of its 30 days, verify and show the archive."""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from scrapy.utils.project import get_project_settings

from crawler.archive.storage import storage_for
from crawler.archive.storage.base import Storage
from crawler.crawl.settings import PROJECT_ROOT, Deployment
from crawler.system import clock
from crawler.system.terminal import readable

OUTLETS = ("demo_daily", "demo_portal", "demo_tv")
DAYS = 30


def main() -> int:
    """Run the commands in turn; return the first exit code that is not 0."""
    os.environ["SCRAPY_PROJECT"] = "test"
    today = clock.today(ZoneInfo("Asia/Dhaka"))
    since = today - timedelta(days=DAYS - 1)
    with newspaper(today.isoformat()) as address:
        print(f"The demo newspaper serves {DAYS} days, the last one {today}, at {address}\n")
        span = ["--since", since.isoformat(), "--until", today.isoformat()]
        for words in (["update", *OUTLETS], ["backfill", *OUTLETS, *span], ["verify"]):
            print(f"$ SCRAPY_PROJECT=test python -m scrapy {' '.join(words)}", flush=True)
            exit_code = scrapy(*words, "-s", f"DEMO_URL={address}")
            if exit_code:
                return exit_code
            print()
    show(storage_for(Deployment.from_settings(get_project_settings()).archive_url))
    print("\nSearch, read and compare it in a browser:\n$ SCRAPY_PROJECT=test .venv/bin/python -m scrapy room")
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
    """Run a command as a user would; return its exit code."""
    return subprocess.run([sys.executable, "-m", "scrapy", *words], cwd=PROJECT_ROOT, check=False).returncode


def show(storage: Storage) -> None:
    """Print a table of the archive's contents, and its newest article."""
    articles: Counter[str] = Counter()
    size: Counter[str] = Counter()
    files: Counter[str] = Counter()
    newest: dict[str, Any] = {}
    for key, length in storage.list():
        outlet = _outlet(key)
        size[outlet] += length
        files[outlet] += 1
        if key.startswith("articles/"):
            rows = _rows(storage, key)
            articles[outlet] += len(rows)
            newest = max([newest, *rows], key=_published)
    _print_table(storage.url, articles, size, files)
    if newest:
        print(f"\n{newest['title']}\n{newest['published']['at']}  {newest['url']}")
        print(f"recorded in {newest['warc']['file']} at byte {newest['warc']['offset']}")


def _print_table(place: str, articles: Counter[str], size: Counter[str], files: Counter[str]) -> None:
    table = Table("outlet", "articles", "bytes", "files", title=f"Archived in {place}", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for outlet in sorted(files):
        table.add_row(outlet, str(articles[outlet]), readable(size[outlet]), str(files[outlet]))
    table.add_section()
    table.add_row("all", str(articles.total()), readable(size.total()), str(files.total()))
    Console().print(table)


def _outlet(key: str) -> str:
    # Every file name in the archive begins with khobor-OUTLET-.
    return key.rsplit("/", 1)[-1].split("-")[1]


def _published(row: dict[str, Any]) -> str:
    return str((row.get("published") or {}).get("at") or "")


def _rows(storage: Storage, key: str) -> list[dict[str, Any]]:
    with storage.open(key) as stream, gzip.open(stream, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    sys.exit(main())
