"""The facts of a run, from Scrapy's statistics and ours, as plain JSON types; Observer counts latencies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.crawl.component import Component
from crawler.model.failures import ROBOTS_FAILURE
from crawler.recording.downloads import is_resource
from crawler.system import clock

COUNTS = {
    "listed": "khobor/listed",
    "new": "khobor/requested",
    "requests": "downloader/request_count",
    "pages": "khobor/pages",
    "articles": "khobor/articles",
    "dated": "khobor/dated",
    "self_dated": "khobor/self-dated",
    "rows": "khobor/rows",
    "fruitful": "khobor/fruitful",
    "unchanged": "khobor/unchanged",
    "revisits": "khobor/revisits",
    "confirmed": "khobor/revisits-unchanged",
    "not_modified": "khobor/not_modified",
    "bytes": "downloader/response_bytes",
    "errors": "khobor/errors",
    "recovered": "khobor/recovered",
    "refusals": "khobor/refusals",
    "refused_again": "khobor/refused-again",
}
GROUPS = {
    "rejected": "khobor/rejected/",
    "failed": "khobor/failed/",
    "fruitless": "khobor/fruitless/",
    "passed_over": "khobor/passed-over/",
    "warnings": "khobor/warnings/",
    "codes": "downloader/response_status_count/",
    "resources": "khobor/resources/",
    # One address for each problem with pages.
    "examples": "khobor/example/",
}

SOURCES = "khobor/by-source"
LATENCY = "khobor/latency/"

# The time of the last answer, in seconds since 1970.
ANSWERED = "khobor/answered"
# Upper bounds of the counted latencies, in seconds; the last one counts all longer ones.
BOUNDS = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0)


def facts_of(stats: Mapping[str, Any], started: datetime, ended: datetime) -> dict[str, Any]:
    """Return the facts of a run between two aware moments; latencies are upper bounds in seconds."""
    facts: dict[str, Any] = {name: stats.get(key) or 0 for name, key in COUNTS.items()}
    facts |= {name: counts(stats, prefix) for name, prefix in GROUPS.items()}
    facts["sources"] = stats.get(SOURCES) or {}
    # By source: the days that the next update must list again.
    facts["missed"] = stats.get("khobor/missed") or {}
    facts["robots"] = stats.get(ROBOTS_FAILURE)
    facts["robots_since"] = stats.get("khobor/robots/since")
    facts["refused"] = stats.get("khobor/refused")
    facts["latency"] = {name: _quantile(stats, share) for name, share in (("median", 0.5), ("ninety", 0.9))}
    facts["seconds"] = round((ended - started).total_seconds(), 1)
    # From the last answer to the end.
    facts["silent_seconds"] = round(ended.timestamp() - stats.get(ANSWERED, started.timestamp()), 1)
    return facts


def counts(stats: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the statistics whose names begin with a prefix, without it."""
    return {key.removeprefix(prefix): value for key, value in stats.items() if key.startswith(prefix)}


def _quantile(stats: Mapping[str, Any], share: float) -> float | None:
    counted = sorted((float(bound), count) for bound, count in counts(stats, LATENCY).items())
    wanted, reached = share * sum(count for _, count in counted), 0
    for bound, count in counted:
        reached += count
        if reached >= wanted:
            return bound
    return None


class Observer(Component):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.listen("response_received")

    def response_received(self, response: Response, request: Request) -> None:
        self.crawler.stats.set_value(ANSWERED, clock.timestamp())
        latency = request.meta.get("download_latency")
        if latency is not None and not is_resource(request):
            bound = next((bound for bound in BOUNDS if latency <= bound), BOUNDS[-1])
            self.crawler.stats.inc_value(f"{LATENCY}{bound}")
