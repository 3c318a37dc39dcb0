"""Compare whole crawls of heavy pages from nginx with bare and naive Scrapy, in turn: A B C … C B A."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from bench.figures import save
from bench.heavy_pages import CARDS, nginx

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("crawling.py")
WAYS = ("bare", "naive", "unknown", "platform", "recording")
TARGETS = {"unknown/naive": 2.0, "unknown/bare": 0.5, "platform/naive": 2.5, "recording/bare": 0.85}


def run(how: str, base: str, pages: int) -> float:
    """Crawl once, into a new folder on the disk of the checkout; return pages per second."""
    kind = "news" if how == "platform" else "unmarked"
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as name:
        folder = Path(name)
        addresses = folder / "addresses"
        addresses.write_text("".join(f"{base}/{kind}/{number}\n" for number in range(pages)))
        environment = {**os.environ, "SCRAPY_PROJECT": "test", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        command = [sys.executable, str(SCRIPT), how, str(addresses), str(folder)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    took = float(done.stdout)
    return pages / took


def measure(pages: int, pairs: int, cards: int) -> tuple[dict[str, list[float]], int]:
    """Return the pages per second of each way, crawl by crawl, and the bytes of a page."""
    found: dict[str, list[float]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory(prefix="khobor-bench-") as folder,
        nginx(Path(folder), pages, cards) as (base, size),
    ):
        print(f"{pages} pages of {size // 1000} kB a crawl; pages per second:", flush=True)
        for number in range(pairs):
            for how in WAYS if number % 2 else reversed(WAYS):
                found[how].append(run(how, base, pages))
            speeds = ", ".join(f"{how} {found[how][-1]:.0f}" for how in WAYS)
            print(f"{speeds}", flush=True)
    return found, size


def ratios(found: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return the ratios of each pair of ways with a target, run by run."""
    pairs = {name: name.split("/") for name in TARGETS}
    return {
        name: [one / other for one, other in zip(found[ours], found[theirs], strict=True)]
        for name, (ours, theirs) in pairs.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--cards", type=int, default=CARDS, help="other stories on a page; with fewer it is simpler")
    parser.add_argument("--json", help="file for all figures")
    options = parser.parse_args()
    found, size = measure(options.pages, options.pairs, options.cards)
    for name, each in ratios(found).items():
        print(f"{name}: median {statistics.median(each):.2f}, lowest {min(each):.2f} (target {TARGETS[name]:g})")
    save(options.json, {"pages": options.pages, "bytes": size, "pages_per_second": found})


if __name__ == "__main__":
    main()
