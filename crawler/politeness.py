"""How fast a host is asked: what its robots.txt wishes, never faster than our own delay."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

# A longer wish would make a day's news take more than a day; it is honoured up to here and told.
LONGEST_DELAY = 60.0


class CrawlDelay:
    """Applies the Crawl-delay that Scrapy parses and does not use."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.delay = crawler.settings.getfloat("DOWNLOAD_DELAY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to parsed robots.txt files; off when pacing is off (DOWNLOAD_DELAY=0)."""
        if not crawler.settings.getfloat("DOWNLOAD_DELAY"):
            raise NotConfigured
        extension = cls(crawler)
        crawler.signals.connect(extension.robots_parsed, signals.robots_parsed)
        return extension

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Slow the host's slot down to its Crawl-delay, in seconds."""
        wish = robotparser.crawl_delay(str(self.crawler.settings["USER_AGENT"]))
        if wish is None or wish <= self.delay:
            return
        if wish > LONGEST_DELAY:
            logger.warning("%s asks for a Crawl-delay of %s s: %s s is kept", request.url, wish, LONGEST_DELAY)
        delay = min(wish, LONGEST_DELAY)
        downloader = self.crawler.engine.downloader
        slot = downloader.get_slot_key(request)
        downloader.per_slot_settings[slot] = {**downloader.per_slot_settings.get(slot, {}), "delay": delay}
        if slot in downloader.slots:
            downloader.slots[slot].delay = delay
