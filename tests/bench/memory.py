"""Crawl very many heavy pages with one extraction process; print the memory of all processes on the way."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from bench.figures import save
from bench.heavy_pages import nginx

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("crawling.py")
STEPS = 10
MOST_MEMORY = 400 << 20


def memory_of(pid: int) -> int:
    """Return the bytes of a process and its descendants, pages shared by several counted once."""
    total, waiting = 0, [str(pid)]
    while waiting:
        one = Path("/proc") / waiting.pop()
        # A process may end meanwhile.
        with suppress(OSError):
            # A thread may have started the process from which others fork.
            waiting += [child for path in one.glob("task/*/children") for child in path.read_text().split()]
            lines = (one / "smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return total


def crawl(folder: Path, base: str, pages: int) -> tuple[float, list[int]]:
    """Crawl; return pages per second, and the most memory in each tenth of the time, in bytes."""
    addresses = folder / "addresses"
    addresses.write_text("".join(f"{base}/unmarked/{number}\n" for number in range(pages)))
    environment = {**os.environ, "SCRAPY_PROJECT": "test", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    command = [sys.executable, str(SCRIPT), "unknown", str(addresses), str(folder), '{"EXTRACTION_PROCESSES": 1}']
    began, seen = time.monotonic(), list[int]()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            seen.append(memory_of(process.pid))
            time.sleep(1)
    if process.returncode:
        sys.exit(f"the crawl ended with {process.returncode}")
    size = -(-len(seen) // STEPS)
    return pages / (time.monotonic() - began), [max(seen[at : at + size]) for at in range(0, len(seen), size)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--json", help="file for the figures")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="khobor-bench-") as site,
        tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder,
        nginx(Path(site), options.pages) as (base, _),
    ):
        speed, most = crawl(Path(folder), base, options.pages)
    print(f"{options.pages} pages, {speed:.0f} a second; the most memory in each tenth of the time, in MB:")
    print(", ".join(str(one >> 20) for one in most))
    save(options.json, {"pages": options.pages, "megabytes": [one >> 20 for one in most]})
    print(f"target: below {MOST_MEMORY >> 20} MB, and flat after the first tenth")


if __name__ == "__main__":
    main()
