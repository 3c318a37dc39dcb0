"""Crawls of the corpus's feeds and listings by the declared outlets, and the scores of their requests.

A proxy on loopback serves each file at the address of a declared source, under the outlet's host name. `scrapy crawl`
runs as a child process with the project's settings. The requests in the proxy's log are compared with the gold of
`evaluate.addresses`. No rule here reads an outlet's pattern.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from email.utils import parsedate_to_datetime
from html import escape
from itertools import chain, zip_longest
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from evaluate.addresses import Classifier, judged
from evaluate.corpus import CORPUS, index_rows
from evaluate.forward_proxy import ForwardProxy, Served
from evaluate.peers import ROOT
from evaluate.summary import table

XML = "application/xml"
NATIONAL = {"bangladesh", "national"}
OTHER_SECTIONS = {"entertainment", "foreign", "international", "lifestyle", "opinion", "sport", "sports", "world"}
# An article's number identifies it; its folders and the headline after it may change.
NUMBER = re.compile(r".*/(\d{5,})(?=/|$)")
PUBLISHED = re.compile(r"<pubDate>(?:<!\[CDATA\[)?(\w{3}, [^<\]]+)")
SNAPSHOT = re.compile(r"20\d\d-\d\d-\d\d")
# Listings have articles of the days before.
LISTED_DAYS = timedelta(days=7)
# When the files without any date were collected.
COLLECTED = date(2026, 11, 20)
CRAWL_SECONDS = 120
# Snapshots of a feed with fewer new articles are not worth the seconds of a crawl.
LEAST_NEW = 10
ALIAS = "?x=1&utm_source=rss"
STORY = (
    "গ্রামের মানুষ সকালে নদীর পাড়ের নতুন হাটে ধান, পাট ও সবজি বিক্রি করেন বলে জানান হাটের ইজারাদার আবদুল করিম।",
    "তিনি বলেন, সপ্তাহে দুই দিন হাট বসে, আর আশপাশের দশ গ্রামের কৃষক এখানে আসেন।",
    "ইউনিয়ন পরিষদের চেয়ারম্যান জানান, বর্ষার আগে হাটের রাস্তা পাকা করার কাজ শেষ হবে।",
)
ARTICLE = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>নদীর পাড়ে নতুন হাট</title></head><body><article>'
    '<h1>নদীর পাড়ে নতুন হাট</h1><time datetime="2026-08-13T08:00:00+06:00">১৩ আগস্ট ২০২৬</time>'
    f"<p>{'</p><p>'.join(STORY)}</p></article></body></html>"
)


@dataclass(frozen=True, slots=True)
class DeclaredSources:
    """The addresses of an outlet's sources; those of `days` are templates, and so are `pages`, of further pages."""

    feeds: Sequence[str] = ()
    sections: Sequence[str] = ()
    pages: str | None = None
    news_sitemaps: Sequence[str] = ()
    days: Sequence[str] = ()

    def section_pages(self, number: int) -> list[str]:
        """Return the addresses of this many pages of the first section, or of one if it has no further pages."""
        first = self.sections[0]
        further = range(2, number + 1) if self.pages else ()
        return [first, *(urljoin(first, str(self.pages).format(page=page)) for page in further)]

    def have(self, address: str) -> bool:
        """Return whether a request is for a list, a further page of a section included."""
        return (
            address in {*self.feeds, *self.news_sitemaps}
            or address.partition("?")[0] in self.sections
            or address.startswith(tuple(day.partition("{")[0] for day in self.days))
        )


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A feed or listing of the corpus with the gold of its addresses."""

    row: Mapping[str, str]
    body: bytes
    gold: Mapping[str, bool]

    @property
    def is_feed(self) -> bool:
        return self.row["kind"] != "listing"


@dataclass(frozen=True, slots=True)
class CrawlScore:
    """The requests for articles of one outlet; `unwanted` has repeated requests too."""

    outlet: str
    scope: str
    files: int
    listed: int
    required: int
    requested: int
    missing: Sequence[str]
    unwanted: Sequence[str]


def crawl_scores(outlet_of: Classifier, sources_of: Callable[[str], DeclaredSources]) -> list[CrawlScore]:
    """Crawl every outlet that has files in the corpus and a source for them; return the scores, [] without files."""
    scores = []
    for outlet, files in sorted(_files_by_outlet(outlet_of).items()):
        sources = sources_of(outlet)
        parts = _parts(files, sources)
        # A source has one address, so each part is a crawl; a later one must not request articles of an earlier one.
        for scope, each in (("all", parts), ("national", parts[:1])):
            gold, requested = crawl_requests(outlet, scope, _first_day(files), each, sources)
            scores.append(crawl_score(outlet, scope, sum(map(len, each)), gold, requested))
    return scores


def crawl_score(outlet: str, scope: str, files: int, gold: Mapping[str, bool], requested: Sequence[str]) -> CrawlScore:
    """Return the score of the addresses that one outlet's crawls requested, without its sources."""
    articles = {identity(address): address for address, is_article in gold.items() if is_article}
    counts: Counter[str] = Counter()
    unwanted = []
    for address in requested:
        name = identity(address)
        counts[name] += 1
        if name not in articles or counts[name] > 1 or (scope == "national" and is_national(address) is False):
            unwanted.append(address)
    required = {name: address for name, address in articles.items() if scope == "all" or is_national(address)}
    missing = [address for name, address in required.items() if name not in counts]
    met = len(counts.keys() & articles)
    return CrawlScore(outlet, scope, files, len(articles), len(required), met, missing, unwanted)


def identity(address: str) -> str:
    """Return the host without `www.`, and the article's number or else the path, which all aliases have in common."""
    parts = urlsplit(address)
    path = unquote(parts.path).rstrip("/")
    number = NUMBER.match(path)
    return f"{(parts.hostname or '').removeprefix('www.')} {number[1] if number else path}"


def is_national(address: str) -> bool | None:
    """Return whether the folders of an address name a national section or another, None without a known one."""
    folders = set(urlsplit(address).path.split("/")[1:-1])
    if not folders & OTHER_SECTIONS:
        return True if folders & NATIONAL else None
    return None if folders & NATIONAL else False


def crawl_table(scores: Iterable[CrawlScore]) -> str:
    """Return one row for each outlet and scope."""
    rows = [
        [
            one.outlet,
            one.scope,
            *map(str, (one.files, one.listed, one.required, one.requested, len(one.missing), len(one.unwanted))),
        ]
        for one in scores
    ]
    return table(["outlet", "scope", "source files", "listed", "required", "requested", "missing", "unwanted"], rows)


def crawl_details(scores: Iterable[CrawlScore]) -> Iterator[str]:
    """Yield each missing and each unwanted request."""
    for one in scores:
        for fault in ("missing", "unwanted"):
            yield from (f"{one.outlet}, scope {one.scope}: {fault}: {unquote(link)}" for link in getattr(one, fault))


def _files_by_outlet(outlet_of: Classifier) -> dict[str, list[SourceFile]]:
    found: dict[str, list[SourceFile]] = {}
    for row in index_rows("feed", "feed-thirdparty", "listing"):
        body = (CORPUS / row["file"]).read_bytes()
        gold = judged(row["kind"], row["url"], body)
        outlets = Counter(known[0] for address in gold if (known := outlet_of(address)))
        # What is no markup is no source that outlets read.
        if outlets and body.lstrip().startswith(b"<"):
            found.setdefault(max(outlets, key=outlets.__getitem__), []).append(SourceFile(row, body, gold))
    return found


def _parts(files: Sequence[SourceFile], sources: DeclaredSources) -> list[dict[str, SourceFile]]:
    """Return the files of each crawl by the address of their source: a feed, and listings as pages of a section.

    Feeds come newest first, those that others made of the outlet's addresses last.
    """
    newest_first = sorted((one for one in files if one.is_feed), key=_snapshot, reverse=True)
    feeds = list(_with_news(newest_first)) if sources.feeds else []
    listings = [one for one in files if not one.is_feed] if sources.sections else []
    pages = sources.section_pages(len(listings)) if listings else [""]
    sections = [dict(zip(pages, listings[at:], strict=False)) for at in range(0, len(listings), len(pages))]
    return [
        ({sources.feeds[0]: feed} if feed else {}) | (section or {}) for feed, section in zip_longest(feeds, sections)
    ]


def _snapshot(file: SourceFile) -> str:
    """Return the moment of a snapshot, "" for a feed that others made."""
    return file.row["notes"].partition("snapshot ")[2]


def _with_news(feeds: Iterable[SourceFile]) -> Iterator[SourceFile]:
    """Yield the feeds that list enough articles which those before do not."""
    seen: set[str] = set()
    for feed in feeds:
        articles = {identity(address) for address, is_article in feed.gold.items() if is_article}
        if len(articles - seen) >= LEAST_NEW:
            yield feed
            seen |= articles


def crawl_requests(
    outlet: str, scope: str, since: date, parts: Sequence[Mapping[str, SourceFile]], sources: DeclaredSources
) -> tuple[dict[str, bool], list[str]]:
    """Crawl the parts one after the other into one archive; return their gold and the requests for no source."""
    gold: dict[str, bool] = {}
    with tempfile.TemporaryDirectory() as folder, ForwardProxy(lambda address: None) as proxy:
        for files in parts:
            for address, is_article in chain.from_iterable(file.gold.items() for file in files.values()):
                gold[address] = is_article or gold.get(address, False)
            articles = [address for address, is_article in gold.items() if is_article]
            lists = {address: _served(file) for address, file in files.items()}
            lists |= dict.fromkeys(sources.news_sitemaps[:1], _aliases(articles))
            pages = _article_pages(articles)
            proxy.pages = lambda address, lists=lists, pages=pages: lists.get(address) or pages.get(identity(address))
            _run(outlet, scope, since, Path(folder), proxy.base)
        requested = [address for _, address in proxy.log]
    return gold, [one for one in requested if not one.endswith("/robots.txt") and not sources.have(one)]


def _first_day(files: Iterable[SourceFile]) -> date:
    """Return a day before all articles of an outlet's files, by the dates in feeds, else in the names of files."""
    published = [text for file in files for text in PUBLISHED.findall(file.body.decode(errors="replace"))]
    days = [parsedate_to_datetime(text).date() for text in published]
    days = days or [date.fromisoformat(text) for file in files for text in SNAPSHOT.findall(file.row["file"])]
    return min(days, default=COLLECTED) - LISTED_DAYS


def _served(file: SourceFile) -> Served:
    return Served(file.body, XML) if file.is_feed else Served(file.body)


def _aliases(articles: Iterable[str]) -> Served:
    """Return a made-up sitemap that lists every article under another of its addresses."""
    others = (escape(address.replace("https://", "http://") + ALIAS) for address in articles)
    entries = "".join(f"<url><loc>{address}</loc></url>" for address in others)
    return Served(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode(), XML)


def _article_pages(articles: Iterable[str]) -> dict[str, Served]:
    """Return the pages of articles by identity: made up, or the corpus's own."""
    pages = {identity(address): Served(ARTICLE.encode()) for address in articles}
    for row in index_rows("article"):
        if (name := identity(row["url"])) in pages:
            pages[name] = Served((CORPUS / row["file"]).read_bytes())
    return pages


def _run(outlet: str, scope: str, since: date, folder: Path, proxy: str) -> None:
    """Crawl an outlet up to today: feeds are not read for days that are past. Raises RuntimeError."""
    arguments = ["-a", f"scope={scope}", "-a", f"since={since}", "-s", "DOWNLOAD_DELAY=0", "-s", "LOG_LEVEL=ERROR"]
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KHOBOR_", "SCRAPY_")) and not name.lower().endswith("_proxy")
    }
    environment |= {"http_proxy": proxy, "https_proxy": proxy, "KHOBOR_CONTACT": "archive@example.org"}
    environment |= {"KHOBOR_ARCHIVE_URL": str(folder / "archive"), "KHOBOR_SPOOL_DIR": str(folder / "spool")}
    command = [sys.executable, "-m", "scrapy", "crawl", outlet, *arguments]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=CRAWL_SECONDS
    )
    if ended.returncode:
        raise RuntimeError(f"the crawl of {outlet} ended with {ended.returncode}: {ended.stderr[-2000:]}")
