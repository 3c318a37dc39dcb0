"""Compare the CPU time and the pages per second of recording with those of bare Scrapy, in pairs, on a real disk."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
TARGET = 1.25


def run(how: str, base: str, pages: int, folder: Path) -> dict[str, float]:
    """Crawl once; return seconds of CPU and clock and peak memory."""
    settings = {
        "SPOOL_DIR": str(folder / "spool"),
        "ARCHIVE_URL": str(folder / "archive"),
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "ROBOTSTXT_OBEY": False,
    }
    command = [sys.executable, str(HERE / "fetching.py"), how, base, str(pages), json.dumps(settings)]
    environment = {**os.environ, "SCRAPY_PROJECT": "test", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, str(HERE / "pages_server.py")],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    port, size = server.stdout.readline().split()
    ratios: dict[str, list[float]] = {"scrapy": [], "bare": [], "inflating": []}
    speeds: dict[str, list[float]] = {"recorded": [], "khobor": []}
    print(f"{options.pages} pages of {size} bytes a crawl; CPU milliseconds per page: Scrapy's defaults,")
    print("our settings alone (bare), with our decompression, with recording, khobor without extraction")
    try:
        for number in range(options.pairs):
            order = ("scrapy", "bare", "inflating", "recorded", "khobor")
            took = {how: measured(how, port, options.pages) for how in (order if number % 2 else reversed(order))}
            for how, found in ratios.items():
                found.append(took["recorded"]["seconds"] / took[how]["seconds"])
            for how, each in speeds.items():
                each.append(took["bare"]["clock"] / took[how]["clock"])
            costs = ", ".join(f"{how} {took[how]['seconds'] * 1000 / options.pages:.2f}" for how in order)
            peaks = " and ".join(f"{took[how]['peak_kb'] / 1000:.0f}" for how in ("bare", "recorded"))
            print(f"{costs}; peak memory {peaks} MB", flush=True)
    finally:
        server.terminate()
        server.wait()
    for how, found in ratios.items():
        print(f"recorded / {how}: median {statistics.median(found):.2f}, lowest {min(found):.2f}")
    for how, each in speeds.items():
        spread = f"{statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})"
        print(f"pages per second, {how} / bare: {spread}")
    print(f"target of recorded / bare: at most {TARGET}; it includes faster decompression, less garbage collection")
    print("and the end of the run: hashing, manifest, archive")


def measured(how: str, port: str, pages: int) -> dict[str, float]:
    """Crawl into a new folder on the disk of the checkout."""
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        return run(how, f"http://127.0.0.1:{port}", pages, Path(folder))


if __name__ == "__main__":
    main()
