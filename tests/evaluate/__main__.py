"""Measure the extraction and the search of khobor and its peers (`make evaluate`)."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import evaluate.layouts  # noqa: F401
from evaluate import floor, khobor, report
from evaluate.addresses import AddressScore, address_details, address_scores, address_table, below_least, gold_addresses
from evaluate.answer import Answer
from evaluate.corpus import CORPUS, corpus_gold
from evaluate.crawls import CrawlScore, crawl_details, crawl_scores, crawl_table
from evaluate.demo import demo_gold
from evaluate.gold import Gold, digest
from evaluate.khobor_search import folded, khobor_search
from evaluate.other_searches import plain_search, stemmed_search
from evaluate.outside import outside_pages
from evaluate.outside_scores import OutsideScore, outside_details, outside_scores, outside_table
from evaluate.page import Page, pages
from evaluate.peers import PEERS, answers_of, hand_over
from evaluate.scoring import Score, score
from evaluate.searches import (
    Search,
    SearchScore,
    search_details,
    search_score,
    search_sets,
    search_table,
    searches_below_least,
)
from evaluate.summary import Verdicts

PAGES_A_LAYOUT = 4
# Most of these pages are not in Bengali, which newspaper4k is set to; trafilatura is the strongest of the others.
OUTSIDE_PEERS = ("trafilatura",)
OTHER_SEARCHES: dict[str, Search] = {
    "FTS5 unicode61": plain_search,
    "FTS5 with bangla-stemmer": partial(stemmed_search, folded=folded),
}
SHOW = "with --outside or --search: print lost lines, junk, wrong titles, addresses, requests and search results"
SEARCH = "measure the search of the reading room alone"
CRAWLS = "with --outside: crawl the corpus's feeds and listings on loopback too, about two minutes"
FLOOR = "raise it after a full run; check khobor alone on the demo's articles, exit 1 below it; or measure it anew"


def judge(pages_: Sequence[Page], given: Iterable[Answer]) -> Verdicts:
    """Return the verdicts on an extractor's answers, by layout."""
    verdicts: dict[str, list[Score]] = {}
    for page, answer in zip(pages_, given, strict=True):
        verdicts.setdefault(page.layout, []).append(score(answer, page.expected))
    return verdicts


def khobor_answers(pages_: Sequence[Page], hinted: bool = False) -> Iterator[Answer]:
    """Yield khobor's answers in the order of the pages, from one process per processor."""
    with ProcessPoolExecutor() as pool:
        yield from pool.map(partial(khobor.answer, hinted=hinted), pages_, chunksize=16)


def runs(pages_: Sequence[Page], peers: Sequence[str]) -> dict[str, Verdicts]:
    """Return the verdicts on every extractor."""
    found = {
        "khobor": judge(pages_, khobor_answers(pages_)),
        "khobor, system known": judge(pages_, khobor_answers(pages_, hinted=True)),
    }
    with tempfile.TemporaryDirectory() as folder:
        manifest = hand_over(pages_, Path(folder))
        for peer in peers:
            found[peer] = judge(pages_, answers_of(peer, manifest))
    return found


def measure(name: str, gold: Sequence[Gold], peers: Sequence[str]) -> tuple[str, Verdicts]:
    """Measure every extractor, print the tables and return the report and the verdicts on khobor."""
    found = runs(list(pages(gold, PAGES_A_LAYOUT)), peers)
    print(f"\n{name}:\n\n{report.overall(found)}\n\n{report.losses(found['khobor'])}", flush=True)
    return report.part(len(gold), found), found["khobor"]


def outside_runs(peers: Sequence[str]) -> dict[str, list[OutsideScore]]:
    """Return the scores of every extractor on the pages of outside judges, {} if there are none."""
    judged = outside_pages()
    if not judged:
        return {}
    set_pages = [each.page for each in judged]
    found = {"khobor": outside_scores(judged, khobor_answers(set_pages))}
    with tempfile.TemporaryDirectory() as folder:
        manifest = hand_over(set_pages, Path(folder))
        for peer in peers:
            found[peer] = outside_scores(judged, answers_of(peer, manifest))
    return found


def scored_addresses() -> dict[str, AddressScore]:
    """Return the scores of the outlets' address patterns, {} without the corpus."""
    return address_scores(gold_addresses(), khobor.outlet_of)


def scored_crawls() -> list[CrawlScore]:
    """Return the scores of the outlets' crawls of the corpus's feeds and listings, [] without the corpus."""
    return crawl_scores(khobor.outlet_of, khobor.sources_of)


def scored_searches(others: Mapping[str, Search]) -> dict[str, list[SearchScore]]:
    """Return the scores of khobor and others on each set of judged searches that is at hand."""
    sets = search_sets()
    searches = {"khobor": khobor_search, **others}
    return {name: [search_score(judged, search) for judged in sets] for name, search in searches.items()}


def search(show: bool) -> int:
    """Print khobor's scores on judged searches."""
    found = scored_searches({})
    if show:
        print("\n".join([*search_details(found["khobor"]), ""]))
    print(search_table(found))
    return 0


def outside(show: bool, crawls: bool) -> int:
    """Print khobor's scores on the pages of outside judges, addresses and `crawls`; return 2 if there are none."""
    found = outside_runs(())
    if not found:
        print(f"no pages of outside judges in {CORPUS}; put the corpus there")
        return 2
    addresses = scored_addresses()
    if show:
        print("\n".join([*outside_details(found["khobor"]), *address_details(addresses), ""]))
    print(f"{outside_table(found)}\n\n{address_table(addresses)}")
    if crawls:
        scores = scored_crawls()
        print("\n".join(["", *(crawl_details(scores) if show else ()), crawl_table(scores)]))
    return 0


def check() -> int:
    """Return 1 and print the losses if khobor is below its floor, or misjudges addresses, requests or searches."""
    gold = demo_gold()
    set_pages = list(pages(gold, PAGES_A_LAYOUT))
    addresses = scored_addresses()
    if addresses:
        print(f"{address_table(addresses)}\n")
    crawls = scored_crawls()
    if crawls:
        print(f"{crawl_table(crawls)}\n")
    searches = scored_searches({})
    print(f"{search_table(searches)}\n")
    lines = floor.below(judge(set_pages, khobor_answers(set_pages)), digest(gold))
    lines += [*below_least(addresses), *crawl_details(crawls), *searches_below_least(searches["khobor"])]
    print("\n".join(lines) or f"{len(set_pages)} pages, no share below the floor")
    return 1 if lines else 0


def measure_all(peers: Sequence[str]) -> tuple[dict[str, str], Verdicts, str]:
    """Return the report's parts, the verdicts on khobor for the demo's articles, and their digest."""
    demo, real = demo_gold(), corpus_gold()
    parts = {}
    parts["demo"], verdicts = measure("the demo newspaper", demo, peers)
    if real:
        parts["corpus"], _ = measure("real articles", real, peers)
    if judged := outside_runs([peer for peer in peers if peer in OUTSIDE_PEERS]):
        parts["outside"] = outside_table(judged)
        print(f"\nthe pages of outside judges:\n\n{parts['outside']}", flush=True)
    if addresses := scored_addresses():
        print(f"\nthe addresses of outlets:\n\n{address_table(addresses)}", flush=True)
    if crawls := scored_crawls():
        print(f"\nthe requests of crawls:\n\n{crawl_table(crawls)}", flush=True)
    searches = search_table(scored_searches(OTHER_SEARCHES if peers else {}))
    print(f"\njudged searches:\n\n{searches}", flush=True)
    # Without the real articles, a set is missing in the table.
    if real:
        parts["search"] = searches
    return parts, verdicts, digest(demo)


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(prog="evaluate", description=__doc__)
    parser.add_argument("--floor", choices=["raise", "check", "new"], default="raise", help=FLOOR)
    parser.add_argument("--without-peers", action="store_true", help="measure khobor alone; write nothing")
    parser.add_argument("--outside", action="store_true", help="measure khobor alone on the pages of outside judges")
    parser.add_argument("--search", action="store_true", help=SEARCH)
    parser.add_argument("--show", action="store_true", help=SHOW)
    parser.add_argument("--crawls", action="store_true", help=CRAWLS)
    options = parser.parse_args()
    if options.show and not (options.outside or options.search):
        parser.error("--show requires --outside or --search")
    if options.crawls and not options.outside:
        parser.error("--crawls requires --outside")
    if options.search:
        return search(options.show)
    if options.outside:
        return outside(options.show, options.crawls)
    if options.floor == "check":
        return check()
    parts, verdicts, gold = measure_all(() if options.without_peers else PEERS)
    if not options.without_peers:
        floor.raise_floor(verdicts, gold, anew=options.floor == "new")
        report.write(parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
