"""A crawl in a process of its own for the recording tests: a plan on standard input, results on output.

The plan is one JSON object: `requests` (url, method, headers, body, meta) and `settings`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import scrapy
import warm
from scrapy import signals
from scrapy.crawler import CrawlerProcess
from scrapy.exceptions import StopDownload
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.project import get_project_settings
from twisted.internet import defer
from twisted.internet.abstract import isIPAddress
from twisted.internet.error import DNSLookupError

from crawler.model.listing import Listing

ROOT = Path(__file__).parent.parent
SETTINGS = {
    "DOWNLOAD_DELAY": 0,
    "RETRY_TIMES": 1,
    "AUTOTHROTTLE_ENABLED": False,
    "LOG_LEVEL": "INFO",
    "EXTRACTION_PROCESSES": 0,
    "ITEM_PIPELINES": {},
    # With cookies on, Scrapy asks the network for the list of public suffixes.
    "COOKIES_ENABLED": False,
    "CONTACT": "test@example.org",
}


class HostsResolver(CachingThreadedResolver):
    """A resolver that knows these names only; an answer is given once, the last one for ever."""

    answers = {
        "inside.example": ["127.0.0.1"],
        # Public when it is looked up for checking, private when it is connected to.
        "rebinding.example": ["192.88.99.7", "127.0.0.1"],
        "rebinding-tls.example": ["192.88.99.7", "127.0.0.1"],
    }

    def getHostByName(self, name, timeout=()):  # noqa: N802 (Twisted's name)
        found = [name] if isIPAddress(name) else self.answers.get(name)
        if not found:
            return defer.fail(DNSLookupError(name))
        return defer.succeed(found.pop(0) if len(found) > 1 else found[0])


def listing_of(wanted):
    """Return the meta key of a request that came out of a listing."""
    if "listing" not in wanted:
        return {}
    facts = wanted["listing"]
    published = datetime.fromisoformat(facts["published"])
    source = dict(wanted["headers"])["Referer"]
    return {"listing": Listing(facts["url"], published, facts["title"], facts.get("national", False), source)}


class WireSpider(scrapy.Spider):
    """Asks what the plan says and keeps what became of it."""

    name = "wire"
    plan: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.headers_received, signals.headers_received)
        crawler.signals.connect(spider.bytes_received, signals.bytes_received)
        return spider

    async def start(self):
        for number, wanted in enumerate(self.plan):
            headers = scrapy.http.Headers()
            for name, value in wanted.get("headers", []):
                headers.appendlist(name, value)
            yield scrapy.Request(
                wanted["url"],
                method=wanted.get("method", "GET"),
                headers=headers,
                body=wanted.get("body", "").encode(),
                meta={**wanted.get("meta", {}), **listing_of(wanted), "number": number},
                callback=self.parse,
                errback=self.failed,
                dont_filter=True,
            )

    def parse(self, response):
        headers = {name.decode("latin-1"): len(b"".join(values)) for name, values in response.headers.items()}
        self.keep(
            response.request,
            status=response.status,
            length=len(response.body),
            flags=response.flags,
            longest=max(headers.values(), default=0),
        )

    def failed(self, failure):
        self.keep(failure.request, error=type(failure.value).__name__)

    def keep(self, request, **facts):
        capture = request.meta.get("capture")
        self.seen.append({"number": request.meta["number"], "url": request.url, "capture": capture, **facts})

    def headers_received(self, request):
        if request.meta.get("stop") == "headers":
            raise StopDownload(fail=False)

    def bytes_received(self, request):
        if request.meta.get("stop") == "bytes":
            raise StopDownload(fail=True)


def run(folder: Path, requests: list[dict], attributes: dict, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run a crawl in a process of its own; the spider has `attributes`."""
    plan = {"requests": requests, "settings": {**SETTINGS, **settings}, "attributes": attributes}
    environment = {
        **os.environ,
        "SCRAPY_PROJECT": "test",
        "KHOBOR_SPOOL_DIR": str(folder / "spool"),
        "KHOBOR_ARCHIVE_URL": str(folder / "archive"),
        "PYTHONPATH": str(ROOT),
    }
    return warm.run(
        warm.SCRIPT,
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=120,
    )


def crawl(folder: Path, requests: list[dict], **settings: object) -> tuple[list[dict], dict]:
    """Run a crawl in a process of its own; return what the spider saw and the statistics."""
    done = run(folder, requests, {}, **settings)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "ResourceWarning" not in done.stderr, done.stderr[-4000:]
    assert "Traceback" not in done.stderr, done.stderr[-4000:]
    outcome = json.loads(done.stdout)
    return outcome["seen"], outcome["stats"]


def main() -> None:
    warnings.simplefilter("error", ResourceWarning)
    plan = json.load(sys.stdin)
    WireSpider.plan = plan["requests"]
    for name, value in plan["attributes"].items():
        setattr(WireSpider, name, value)
    settings = get_project_settings()
    settings.setdict(plan["settings"], priority="cmdline")
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(WireSpider)
    process.crawl(crawler)
    process.start()
    for entry in WireSpider.seen:
        capture = entry.pop("capture")
        if capture is not None:
            found = capture.result(timeout=0)
            names = (
                "url",
                "record_id",
                "file",
                "offset",
                "length",
                "payload_digest",
                "http_status",
                "index_line",
            )
            entry["capture"] = {name: getattr(found, name) for name in names}
    stats = {name: value for name, value in crawler.stats.get_stats().items() if isinstance(value, int | str)}
    json.dump({"seen": sorted(WireSpider.seen, key=lambda entry: entry["number"]), "stats": stats}, sys.stdout)


if __name__ == "__main__":
    main()
