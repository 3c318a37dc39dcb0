"""Compare re-extraction with one and two processes, and readers of WARC files: ours, warcio, fastwarc."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from bench.figures import save, versions_in
from bench.heavy_pages import nginx
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.warc_reader import walk

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("crawling.py")
TOOLS = ROOT / ".venv-interop" / "bin" / "python"
SEGMENT_BYTES = 2 << 20
FASTWARC = """
import sys, time
from fastwarc.warc import ArchiveIterator
begun, count = time.process_time(), 0
for path in sys.argv[1:]:
    with open(path, "rb") as stream:
        for record in ArchiveIterator(stream, parse_http=False):
            count += len(record.reader.read())
print(time.process_time() - begun, count)
"""


def archive(folder: Path, pages: int) -> None:
    """Crawl heavy pages of an outlet with a platform into an archive of many segments."""
    with tempfile.TemporaryDirectory(prefix="khobor-bench-") as site, nginx(Path(site), pages) as (base, _):
        addresses = folder / "addresses"
        addresses.write_text("".join(f"{base}/news/{number}\n" for number in range(pages)))
        command = [sys.executable, SCRIPT, "platform", addresses, folder, json.dumps({"WARC_SIZE": SEGMENT_BYTES})]
        subprocess.run(command, cwd=ROOT, env=environment_of(folder), check=True, stdout=subprocess.DEVNULL)


def environment_of(folder: Path) -> dict[str, str]:
    places = {"KHOBOR_ARCHIVE_URL": str(folder / "archive"), "KHOBOR_SPOOL_DIR": str(folder / "spool")}
    return {**os.environ, **places, "SCRAPY_PROJECT": "test", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}


def reextract(folder: Path, jobs: int) -> float:
    """Re-extract the archive into a new place; return the seconds."""
    with tempfile.TemporaryDirectory(dir=folder) as target:
        words = ["reextract", "--to", target, "--jobs", str(jobs), "-s", "SPIDER_MODULES=spiders,bench.measured_outlet"]
        begun = time.perf_counter()
        command = [sys.executable, "-m", "scrapy", *words]
        subprocess.run(command, cwd=ROOT, env=environment_of(folder), check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun


def khobor(paths: list[Path]) -> int:
    count = 0
    for path in paths:
        with path.open("rb") as stream:
            for record in walk(stream):
                count += len(record.block.read())
    return count


def warcio(paths: list[Path]) -> int:
    count = 0
    for path in paths:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, no_record_parse=True):
                count += len(record.raw_stream.read())
    return count


def timed(read: Callable[[list[Path]], int], paths: list[Path]) -> tuple[float, int]:
    begun = time.process_time()
    count = read(paths)
    return time.process_time() - begun, count


def fastwarc(paths: list[Path]) -> tuple[float, int]:
    """Read in the environment of the tools."""
    done = subprocess.run([TOOLS, "-c", FASTWARC, *paths], capture_output=True, text=True, check=True)
    seconds, count = done.stdout.split()
    return float(seconds), int(count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--json", help="file for all figures")
    options = parser.parse_args()
    found: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as name:
        folder = Path(name)
        archive(folder, options.pages)
        paths = sorted(folder.glob("archive/warc/**/*.warc.gz"))
        for number in range(options.pairs):
            for jobs in (1, 2) if number % 2 else (2, 1):
                found[f"re-extraction, {jobs} processes"].append(options.pages / reextract(folder, jobs))
            reads = {"khobor": timed(khobor, paths), "warcio": timed(warcio, paths), "fastwarc": fastwarc(paths)}
            assert len({count for _, count in reads.values()}) == 1, reads
            for reader, (seconds, _) in reads.items():
                found[f"reading, {reader}"].append(options.pages / seconds)
    print(f"{options.pages} pages in {len(paths)} segments; pages per second:")
    for name, speeds in found.items():
        print(f"{name}: median {statistics.median(speeds):.0f}, {min(speeds):.0f} to {max(speeds):.0f}")
    one, two = (found[f"re-extraction, {jobs} processes"] for jobs in (1, 2))
    ratios = [more / less for more, less in zip(two, one, strict=True)]
    print(f"two processes / one: median {statistics.median(ratios):.2f}, lowest {min(ratios):.2f} (target 1.6)")
    save(options.json, {"pages": options.pages, "pages_per_second": found}, versions_in(TOOLS, "fastwarc"))


if __name__ == "__main__":
    main()
