"""Crawl a number of pages in one of several set-ups; print seconds of CPU and clock and peak memory as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

HANDLER = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
BARE = {
    "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER},
    "DOWNLOADER_MIDDLEWARES": {},
    "EXTENSIONS": {},
}
INFLATING = {
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.crawl.decompression.Decompression": 590,
}
# Recording needs memory of the archive, the recorder and conditional requests; the handler is in the settings.
RECORDING = {
    "DOWNLOADER_MIDDLEWARES": {**INFLATING, "crawler.crawl.revisits.conditional.ConditionalGet": 845},
    "EXTENSIONS": {
        "crawler.crawl.ending.Ending": 5,
        "crawler.crawl.memory.Memory": 10,
        "crawler.crawl.recorder.Recorder": 20,
    },
}
HOW = {
    # Scrapy's defaults, and Scrapy with our settings alone.
    "scrapy": {**BARE, "CONCURRENT_ITEMS": 100},
    "bare": BARE,
    # With the decompression that recording uses, which is faster than Scrapy's.
    "inflating": {**BARE, "DOWNLOADER_MIDDLEWARES": INFLATING},
    "recorded": RECORDING,
    # A whole crawl without extraction: pace, refusals, health.
    "khobor": {},
}


class FetchSpider(scrapy.Spider):
    """Fetches pages and drops them."""

    name = "bench"
    base = ""
    pages = 0
    begun = 0.0
    begun_at = 0.0

    async def start(self):
        type(self).begun, type(self).begun_at = seconds(), time.perf_counter()
        for number in range(self.pages):
            # As an outlet's spider requests an unknown article.
            yield scrapy.Request(f"{self.base}/bangladesh/article/{number}", self.parse, meta={"is_new": True})

    def parse(self, response):
        assert response.status == 200


def seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    how, base, pages, settings = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
    FetchSpider.base, FetchSpider.pages = base, pages
    layer = get_project_settings()
    layer.setdict({"ITEM_PIPELINES": {}, "LOG_LEVEL": "ERROR", "DOWNLOAD_DELAY": 0, **settings}, priority="cmdline")
    layer.setdict(HOW[how], priority="cmdline")
    process = AsyncCrawlerProcess(layer)
    crawler = process.create_crawler(FetchSpider)
    process.crawl(crawler)
    process.start()
    assert crawler.stats.get_value("response_received_count") >= pages
    assert crawler.stats.get_value("khobor/failure") is None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = {"seconds": seconds() - FetchSpider.begun, "clock": time.perf_counter() - FetchSpider.begun_at}
    print(json.dumps({**took, "peak_kb": peak}))


if __name__ == "__main__":
    main()
