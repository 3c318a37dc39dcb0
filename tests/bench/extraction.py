"""Compare the CPU time of extraction with that of trafilatura, in pairs, from bytes to article."""

from __future__ import annotations

import argparse
import csv
import gc
import gzip
import json
import logging
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from trafilatura import bare_extraction

from crawler.crawl.extraction_pool import load_extractor
from crawler.crawl.spider import NewsSpider
from crawler.demo.newspaper import Newspaper
from crawler.demo.site import Site
from crawler.demo.spiders.demo_daily import DemoDailySpider
from crawler.demo.spiders.demo_portal import DemoPortalSpider
from crawler.demo.spiders.demo_tv import DemoTvSpider
from crawler.extraction import extract
from crawler.model.listing import Page
from crawler.outlets.platforms import Wordpress
from spiders.prothom_alo import ProthomAloSpider
from spiders.samakal import SamakalSpider

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
ARTICLES = {"article", "article-otherlang"}
# Outlets of the corpus whose platform is known.
KNOWN: dict[str, type[NewsSpider]] = {
    "prothomalo": ProthomAloSpider,
    "samakal": SamakalSpider,
    "other-jannah": Wordpress,
    "other-jnews": Wordpress,
    "other-tagdiv": Wordpress,
}
DEMO: dict[str, type[NewsSpider]] = {"daily": DemoDailySpider, "portal": DemoPortalSpider, "tv": DemoTvSpider}
DEMO_DAY, DEMO_URL = date(2026, 11, 24), "http://127.0.0.1:8765"
TARGETS = {"served pages, platform known": 4, "pages of unknown publishers": 1.5}


@dataclass(frozen=True, slots=True)
class Served:
    """A page as it was served, the rules to read it by, and the group in which it is counted."""

    group: str
    name: str
    page: Page
    outlet: type[NewsSpider]


def demo(each: int) -> Iterator[Served]:
    """Yield up to `each` articles of each demo outlet."""
    newspaper = Newspaper(DEMO_DAY)
    site = Site(newspaper)
    for name, outlet in DEMO.items():
        for article in newspaper.of(name)[: each * 5 : 5]:
            # The demo newspaper fails twice before it serves one article.
            replies = (site.get(article.path, DEMO_URL) for _ in range(3))
            body = next(reply.body for reply in replies if reply.status == 200)
            page = _page(f"demo_{name}", DEMO_URL + article.path, body)
            yield Served("demo newspaper, platform known", f"{name} {article.id}", page, outlet)


def corpus() -> Iterator[Served]:
    """Yield the articles of the folder of real pages, none if it is missing."""
    if not (CORPUS / "index.tsv").exists():
        return
    with (CORPUS / "index.tsv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            if row["kind"] in ARTICLES:
                outlet = KNOWN.get(row["outlet"], NewsSpider)
                group = "served pages, platform known" if row["outlet"] in KNOWN else "served pages, unknown"
                url = row["url"] or f"https://{row['outlet']}.example/{Path(row['file']).stem}"
                yield Served(group, row["file"], _page(row["outlet"], url, (CORPUS / row["file"]).read_bytes()), outlet)


def fundus() -> Iterator[Served]:
    """Yield the pages of sixty publishers that khobor does not know, none if their folder is missing."""
    folder = CORPUS / "fundus"
    if not (folder / "index.jsonl").exists():
        return
    for row in map(json.loads, (folder / "index.jsonl").read_text("utf-8").splitlines()):
        page = _page("urls", row["url"], gzip.decompress((folder / row["file"]).read_bytes()))
        yield Served("pages of unknown publishers", row["file"], page, NewsSpider)


def _page(outlet: str, url: str, body: bytes) -> Page:
    at = datetime.combine(DEMO_DAY, datetime.min.time(), UTC)
    return Page(outlet=outlet, url=url, body=body, content_type="text/html", fetched_at=at)


def khobor(served: Served) -> object:
    """Extract a page as a crawl does."""
    return extract(served.page, served.outlet)


def trafilatura(served: Served) -> object:
    """Extract text and metadata with trafilatura's defaults, without comments."""
    return bare_extraction(served.page.body, url=served.page.url, with_metadata=True, include_comments=False)


def times(read: Callable[[Served], object], pages: Sequence[Served]) -> list[float]:
    """Return the CPU seconds of each page, read one after the other as in a crawl."""
    gc.collect()
    took = []
    for served in pages:
        begun = time.process_time()
        read(served)
        took.append(time.process_time() - begun)
    return took


def report(group: str, pages: Sequence[Served], pairs: int, show_pages: bool) -> None:
    """Measure a group of pages in pairs; print pages per second and ratios."""
    took: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for number in range(-1, pairs):
        found = {read: times(read, pages) for read in ((khobor, trafilatura) if number % 2 else (trafilatura, khobor))}
        for served, *both in zip(pages, found[khobor], found[trafilatura], strict=True):
            # The first pass loads modules and models and is not counted.
            took[served.name] += [tuple(both)] if number >= 0 else []
    totals = [tuple(map(sum, zip(*(took[one.name][number] for one in pages), strict=True))) for number in range(pairs)]
    own, other = (statistics.median(len(pages) / total[side] for total in totals) for side in (0, 1))
    ratios = [theirs / ours for ours, theirs in totals]
    print(f"{group}: {len(pages)} pages; pages per second and core: khobor {own:.1f}, trafilatura {other:.1f};")
    print(f"  ratio over {pairs} pairs: median {statistics.median(ratios):.2f}, lowest {min(ratios):.2f}")
    each = {name: statistics.median(theirs / ours for ours, theirs in rows) for name, rows in took.items()}
    worst = min(each, key=lambda name: each[name])
    print(f"  ratio by page: median {statistics.median(each.values()):.2f}, lowest {each[worst]:.2f} ({worst})")
    for name in each if show_pages else ():
        ours, theirs = (1000 * statistics.median(row[side] for row in took[name]) for side in (0, 1))
        print(f"    {each[name]:6.2f}  khobor {ours:7.1f} ms  trafilatura {theirs:7.1f} ms  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--demo", type=int, default=20, help="articles per demo outlet")
    options = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    groups: dict[str, list[Served]] = defaultdict(list)
    for served in (*demo(options.demo), *corpus(), *fundus()):
        groups[served.group].append(served)
    # As in a worker of the pool.
    load_extractor()
    for group, pages in groups.items():
        report(group, pages, options.pairs, show_pages=group.startswith("served"))
    print("targets:", ", ".join(f"{group} at least {ratio:g}" for group, ratio in TARGETS.items()))


if __name__ == "__main__":
    sys.exit(main())
