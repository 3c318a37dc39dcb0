"""Crawl the addresses in a file in one of several set-ups; print its seconds."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import scrapy
import trafilatura
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from spiders.urls import UrlsSpider

# Politeness is off in all set-ups; the rest of each is what its users have.
SHARED = {
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "DOWNLOAD_DELAY": 0,
    "ROBOTSTXT_OBEY": False,
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": False,
}
CLOCK: dict[str, float] = {}


class Bare(scrapy.Spider):
    """Fetches the addresses in a file and drops the pages."""

    name = "bare"

    async def start(self):
        for line in Path(self.file).read_text().split():
            yield scrapy.Request(line, self.parse)

    def parse(self, response):
        assert response.status == 200


class Naive(Bare):
    """Extracts in the callback, as tutorials do; the rows go to a feed."""

    name = "naive"

    def parse(self, response):
        found = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True, include_comments=False)
        yield {"url": response.url, "title": found.title, "text": found.text, "date": found.date}


def settings_of(how: str, folder: Path, more: dict[str, Any]) -> Settings:
    if how in ("bare", "naive"):
        feeds = {str(folder / "rows.jsonl"): {"format": "jsonlines"}} if how == "naive" else {}
        return Settings({**SHARED, "FEEDS": feeds})
    layer = get_project_settings()
    ours = {"ARCHIVE_URL": str(folder / "archive"), "SPOOL_DIR": str(folder / "spool"), "RUN_COMMAND": "crawl"}
    ours["SPIDER_MODULES"] = ["spiders", "bench.measured_outlet"] if how == "platform" else ["spiders"]
    extraction = {"EXTRACTION_PROCESSES": 0} if how == "recording" else {}
    layer.setdict({**SHARED, **ours, **extraction, **more}, priority="cmdline")
    return layer


def main() -> None:
    how, file, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    pages = len(Path(file).read_text().split())
    process = AsyncCrawlerProcess(settings_of(how, folder, json.loads(*sys.argv[4:] or ["{}"])))
    crawler = process.create_crawler({"bare": Bare, "naive": Naive}.get(how, UrlsSpider))
    crawler.signals.connect(
        lambda: CLOCK.setdefault("begun", time.perf_counter()), scrapy.signals.request_reached_downloader, weak=False
    )
    process.crawl(crawler, file=file)
    process.start()
    clock = time.perf_counter() - CLOCK["begun"]
    assert crawler.stats.get_value("response_received_count") >= pages, crawler.stats.get_stats()
    assert crawler.stats.get_value("khobor/failure") is None
    assert crawler.stats.get_value("downloader/response_status_count/200") >= pages, crawler.stats.get_stats()
    counted = {"naive": "item_scraped_count", "bare": "response_received_count", "recording": "khobor/exchanges"}
    articles = crawler.stats.get_value(counted.get(how, "khobor/rows"))
    assert articles == pages, articles
    print(clock)


if __name__ == "__main__":
    main()
