"""Who made a file, with what, and under which rules: the fields of warcinfo and run files."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import scrapy

from crawler import __version__
from crawler.deployment import host_name

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler


def software() -> str:
    """Return the software line of warcinfo and run files."""
    return f"khobor/{__version__} scrapy/{scrapy.__version__} python/{platform.python_version()}"


def warcinfo_fields(crawler: Crawler, spider: Spider) -> dict[str, str]:
    """Return the fields of each file's warcinfo (WARC/1.1 §6.2; IIPC guideline)."""
    settings = crawler.settings
    fields = {
        "software": software(),
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "operator": str(settings.get("CONTACT") or ""),
        "hostname": host_name(),
        "http-header-user-agent": str(settings["USER_AGENT"]),
        "http-header-from": str(settings.getdict("DEFAULT_REQUEST_HEADERS").get("From", "")),
        "robots": "classic" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        "isPartOf": spider.name,
    }
    return {name: value for name, value in fields.items() if value}
