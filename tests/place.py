"""Where a test crawls: an archive, a spool and a newspaper, and the command line that uses them."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sandbox
import warm
from sandbox import TODAY

from crawler.archive.storage.base import MARK
from crawler.crawl.settings import PROJECT_ROOT
from crawler.system import clock

# The environment of an S3 store that does not answer: finished files wait in the spool.
UNREACHABLE = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "one",
    "AWS_SECRET_ACCESS_KEY": "two",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",
}
SPAN = {"since": str(TODAY - timedelta(days=2)), "until": str(TODAY)}


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait until a condition is met; fail if it is not met in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"the condition is not met after {seconds} seconds"
        time.sleep(0.02)


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """Let no file of this process grow over a number of bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def touch(path: Path) -> None:
    """Create or keep a file, and date it by our clock: under `faketime` the system dates files by its own."""
    path.touch()
    os.utime(path, (clock.timestamp(), clock.timestamp()))


@dataclass
class Place:
    """An archive, a spool, and the newspaper to crawl into them."""

    root: Path
    url: str

    def command(self, *words: str) -> list[str]:
        settings = {
            "ARCHIVE_URL": self.root / "archive",
            "SPOOL_DIR": self.root / "spool",
            "DEMO_URL": self.url,
            "DOWNLOAD_DELAY": 0,
            "EXTRACTION_PROCESSES": 1,
            "LOG_LEVEL": "WARNING",
        }
        given = [word.split("=")[0] for word in words if "=" in word]
        options = [f"{name}={value}" for name, value in settings.items() if name not in given]
        return [sys.executable, "-m", "scrapy", *words, *(part for option in options for part in ("-s", option))]

    def scrapy(self, *words: str, project: str = "test", environment: dict[str, str] | None = None):
        return warm.run(
            self.command(*words),
            cwd=PROJECT_ROOT,
            env=sandbox.environment(**{"SCRAPY_PROJECT": project, **(environment or {})}),
            capture_output=True,
            text=True,
            timeout=300,
        )

    def start(self, *words: str, environment: dict[str, str] | None = None, **pipes: Any) -> warm.Popen:
        """Start a command whose output and errors are pipes of text, unless `pipes` says otherwise."""
        given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **pipes}
        return warm.Popen(
            self.command(*words), cwd=PROJECT_ROOT, env=sandbox.environment(**(environment or {})), **given
        )

    def crawl(self, outlet: str, *words: str, environment: dict[str, str] | None = None):
        arguments = [part for name, value in SPAN.items() for part in ("-a", f"{name}={value}")]
        return self.scrapy("crawl", outlet, *arguments, *words, environment=environment)

    def files(self, pattern: str = "**/*"):
        found = (self.root / "archive").glob(pattern)
        return sorted(path for path in found if path.is_file() and path.name != MARK)

    def complete(self, pattern: str) -> list[Path]:
        """Return the files of segments that have their manifest: only these count."""
        stems = {path.stem for path in self.files("manifest/**/*.json")}
        return [path for path in self.files(pattern) if path.name.partition(".")[0] in stems]

    def spool(self, pattern: str) -> list[Path]:
        return sorted((self.root / "spool").rglob(pattern))

    def rows(self):
        return [
            json.loads(line)
            for path in self.complete("articles/**/*.jsonl.gz")
            for line in gzip.decompress(path.read_bytes()).decode().splitlines()
        ]

    def runs(self):
        return [json.loads(path.read_text()) for path in self.files("runs/**/*.json")]
