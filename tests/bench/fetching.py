"""One crawl of a bench, in a process of its own: so many pages, recorded or not; prints its CPU seconds."""

from __future__ import annotations

import json
import resource
import sys

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
    "crawler.decompression.Decompression": 590,
}
# What recording takes: the archive's memory, the recorder, conditional requests; the handler is set already.
RECORDING = {
    "DOWNLOADER_MIDDLEWARES": {**INFLATING, "crawler.recording.conditional.ConditionalGet": 845},
    "EXTENSIONS": {"crawler.ending.Ending": 5, "crawler.memory.Memory": 10, "crawler.recording.recorder.Recorder": 20},
}
HOW = {
    # Scrapy as it comes, and with our settings alone.
    "scrapy": {**BARE, "CONCURRENT_ITEMS": 100},
    "bare": BARE,
    # With the inflater that recording brings, which is quicker than Scrapy's.
    "inflating": {**BARE, "DOWNLOADER_MIDDLEWARES": INFLATING},
    "recorded": RECORDING,
    # With all that a crawl has but extraction: pace, refusals, health.
    "khobor": {},
}


class FetchSpider(scrapy.Spider):
    """Fetches pages and does nothing with them."""

    name = "bench"
    base = ""
    pages = 0
    begun = 0.0

    async def start(self):
        type(self).begun = seconds()
        for number in range(self.pages):
            # As the spider of an outlet asks for an article that it has not met.
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
    print(json.dumps({"seconds": seconds() - FetchSpider.begun, "peak_kb": peak}))


if __name__ == "__main__":
    main()
