"""Compare khobor's extraction with other extractors on heavy pages, in turn, in pages per second of one core.

The others run in the environment of `make evaluate`: newspaper4k and news-please need other versions of libraries.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from bench.figures import save, versions_in
from bench.heavy_pages import page

ROOT = Path(__file__).resolve().parents[2]
PEERS = ("trafilatura", "newspaper4k", "news_please")
OTHERS = ROOT / ".venv-evaluate" / "bin" / "python"
# Reads the pages once to load models, then with the clock.
TIMED = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from pathlib import Path
sys.path[:0] = {paths}
{load}
pages = [path.read_bytes() for path in sorted(Path({folder!r}).iterdir())]
for body in pages[:5]:
    read(body)
begun = time.process_time()
for body in pages:
    read(body)
print(json.dumps(time.process_time() - begun), file=sys.stderr)
"""
KHOBOR = """
from crawler.crawl.extraction_pool import load_extractor
from crawler.crawl.spider import NewsSpider
from crawler.extraction import extract
from crawler.model.listing import Page
load_extractor()
def read(body):
    extract(Page("urls", "https://news.example/a/1", body, content_type="text/html; charset=utf-8"), NewsSpider)
"""
PEER = """
import peer
def read(body):
    peer.{name}(body, "https://news.example/a/1")
"""


def seconds(name: str, folder: Path) -> float:
    """Return the CPU seconds that an extractor takes for the pages in a folder."""
    python = sys.executable if name == "khobor" else OTHERS
    load = KHOBOR if name == "khobor" else PEER.format(name=name)
    paths = [str(ROOT)] if name == "khobor" else [str(ROOT / "tests" / "evaluate")]
    code = TIMED.format(paths=paths, load=load, folder=str(folder))
    environment = {**os.environ, "HOME": str(folder.parent), "PYTHONIOENCODING": "utf-8"}
    options = {"cwd": folder.parent, "env": environment, "capture_output": True, "text": True}
    done = subprocess.run([python, "-c", code], check=False, **options)
    if done.returncode:
        sys.exit(done.stderr)
    return float(json.loads(done.stderr.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--json", help="file for all figures")
    options = parser.parse_args()
    names = ("khobor", *(PEERS if OTHERS.exists() else ()))
    found: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "pages"
        folder.mkdir()
        for number in range(options.pages):
            (folder / f"{number:04}.html").write_bytes(page(number, "c-8f3a"))
        for number in range(options.pairs):
            for name in names if number % 2 else reversed(names):
                found[name].append(options.pages / seconds(name, folder))
    print(f"{options.pages} pages of an unknown publisher; pages per second and core:")
    for name in names:
        speeds = found[name]
        print(f"{name}: median {statistics.median(speeds):.0f}, {min(speeds):.0f} to {max(speeds):.0f}")
    if not OTHERS.exists():
        print("the others need .venv-evaluate: make .venv-evaluate/ready")
    others = versions_in(OTHERS, "trafilatura", "newspaper4k", "news-please") if OTHERS.exists() else {}
    save(options.json, {"pages": options.pages, "pages_per_second": found}, others)


if __name__ == "__main__":
    main()
