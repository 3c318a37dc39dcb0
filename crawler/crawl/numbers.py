"""Settings that must be numbers: what each may be."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from crawler.archive.storage.s3_options import LEAST_PART, MOST_PART

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

# A hundred years are within the calendar, whatever they are added to.
DAYS = 36_500
HOURS, MINUTES, SECONDS = DAYS * 24, DAYS * 1440, DAYS * 86_400

# More of them at a time than a machine has room for.
PARALLEL = 1000

# Seconds between two requests that no crawl would end with.
LONGEST_DELAY = 3600


class Number(NamedTuple):
    """A setting's least and highest value, both included, and whether it must be whole."""

    least: int
    most: int = sys.maxsize
    is_whole: bool = True

    def allows(self, value: object) -> bool:
        """Tell whether the value of a setting, a number or its text, is such a number."""
        try:
            number = int(value) if self.is_whole else float(value)  # type: ignore[call-overload,arg-type]
        except (TypeError, ValueError, OverflowError):
            return False
        # That of a settings module may be 1.5, which int() cuts off.
        is_cut = isinstance(value, float) and value != number
        return not is_cut and self.least <= number <= self.most

    def __str__(self) -> str:
        """Return what is asked for."""
        ending = "on" if self.most == sys.maxsize else f"to {self.most}"
        return f"a {'whole ' if self.is_whole else ''}number from {self.least} {ending}"


NUMBERS = {
    "WARC_SIZE": Number(1),
    "WARC_AGE": Number(1, SECONDS, is_whole=False),
    "RUN_LEASE_SECONDS": Number(1, SECONDS, is_whole=False),
    "EXTRACTION_PROCESSES": Number(0, PARALLEL),
    "DOWNLOAD_DELAY": Number(0, LONGEST_DELAY, is_whole=False),
    "DOWNLOAD_DELAY_JITTER": Number(0, 1, is_whole=False),
    "DOWNLOAD_TIMEOUT": Number(1, SECONDS, is_whole=False),
    "DOWNLOAD_MAXSIZE": Number(1),
    "DOWNLOAD_WARNSIZE": Number(0),
    "URLLENGTH_LIMIT": Number(0),
    "METAREFRESH_MAXDELAY": Number(0, SECONDS),
    "ROBOTSTXT_MAX_AGE": Number(0, SECONDS, is_whole=False),
    "CONCURRENT_ITEMS": Number(1),
    "CONCURRENT_REQUESTS": Number(1),
    "CONCURRENT_REQUESTS_PER_DOMAIN": Number(1),
    "RETRY_TIMES": Number(0),
    "REFUSALS_IN_A_ROW": Number(1),
    "UNANSWERED_IN_A_ROW": Number(1),
    "REVISIT_SHARE": Number(0, 1, is_whole=False),
    "OUTLET_MINUTES": Number(0, MINUTES, is_whole=False),
    "LOOK_BACK_DAYS": Number(1, DAYS),
    "REPORT_AGAIN_HOURS": Number(0, HOURS, is_whole=False),
    "LOGSTATS_INTERVAL": Number(0, SECONDS, is_whole=False),
    "UPLOAD_PART_SIZE": Number(LEAST_PART, MOST_PART),
    "UPLOAD_PARTS_AT_ONCE": Number(1, PARALLEL),
    "UPLOAD_BYTES_PER_SECOND": Number(0, is_whole=False),
    "S3_OBJECT_LOCK_DAYS": Number(0, DAYS),
    "SPOOL_KEEP_DAYS": Number(0, DAYS),
    "SPOOL_MAX_BYTES": Number(0, is_whole=False),
    "HEALTH_DAYS": Number(1, DAYS),
    "HEALTH_CHANCE": Number(0, 1, is_whole=False),
    "HEALTH_RISE": Number(0, 1, is_whole=False),
    "HEALTH_LISTED": Number(0),
    "HEALTH_NEW": Number(1),
    "HEALTH_QUIET_HOURS": Number(0, HOURS, is_whole=False),
}


def wrong_number(settings: BaseSettings) -> str | None:
    """Return what is wrong with the first setting that is no such number, None when all are."""
    wrong = (name for name, number in NUMBERS.items() if not number.allows(settings.get(name)))
    return next((f"{name}={settings.get(name)} is not {NUMBERS[name]}" for name in wrong), None)
