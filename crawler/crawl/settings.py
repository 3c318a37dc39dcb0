"""The settings as typed, validated objects. Each states its settings, ranges and units once.

Commands and Scrapy's components read the object that they need once. A value that is not valid raises Refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from crawler.crawl.deployment import PARALLEL, PROJECT_ROOT, Deployment
from crawler.crawl.health.findings import Thresholds
from crawler.crawl.numbers import DAYS, HOURS, MINUTES, SECONDS, hours, number, parsed, whole
from crawler.model.exit_codes import USAGE, Refused

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

# No crawl would end with a longer delay, in seconds.
LONGEST_DELAY = 3600

# New articles need room beside revisits.
MOST_REVISITS = 0.95


@dataclass(frozen=True, slots=True)
class Access:
    """Who we say we are, and whether private addresses may be requested."""

    contact: str
    private_allowed: bool

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        contact = str(settings.get("CONTACT") or "")
        if not all(map(str.isprintable, contact)):
            raise Refused("CONTACT must be one line", USAGE)
        return cls(contact.strip(), settings.getbool("ALLOW_PRIVATE_ADDRESSES"))


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two requests to a host (0: no pacing), and seconds for which a robots.txt is valid."""

    delay: float
    robots_max_age: float

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(
            delay=number(settings, "DOWNLOAD_DELAY", 0, LONGEST_DELAY),
            robots_max_age=number(settings, "ROBOTSTXT_MAX_AGE", 0, SECONDS),
        )


@dataclass(frozen=True, slots=True)
class RefusalLimits:
    """The consecutive refusals, and consecutive addresses without an answer, that end a crawl."""

    refusals: int
    unanswered: int

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(whole(settings, "REFUSALS_IN_A_ROW", 1), whole(settings, "UNANSWERED_IN_A_ROW", 1))


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """The bytes and seconds after which a WARC file is finished."""

    warc_size: int
    warc_age: float

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(whole(settings, "WARC_SIZE", 1), number(settings, "WARC_AGE", 1, SECONDS))


@dataclass(frozen=True, slots=True)
class RevisitPlan:
    """How long after its first fetch an article is refetched, and the largest share of a run's requests for that."""

    after: Sequence[timedelta]
    share: float

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        after = [parsed(int, value, 0, HOURS) for value in settings.getlist("REVISIT_AFTER")]
        if None in after:
            value = settings.get("REVISIT_AFTER")
            raise Refused(f"REVISIT_AFTER={value} are not whole hours with commas between", USAGE)
        share = min(number(settings, "REVISIT_SHARE", 0, 1), MOST_REVISITS)
        return cls([timedelta(hours=one) for one in after if one is not None], share)


def run_command(settings: BaseSettings) -> str:
    """Return the command that a crawl runs under: `crawl`, `update` or `backfill`."""
    return str(settings.get("RUN_COMMAND"))


def extraction_processes(settings: BaseSettings) -> int:
    """Return the number of processes that extract articles; with 0, a crawl only records."""
    return whole(settings, "EXTRACTION_PROCESSES", 0, PARALLEL)


@dataclass(frozen=True, slots=True)
class UpdateOptions:
    """What an update crawls if no outlet is named, how far back, how long (0: no limit), and how it reports."""

    outlets: Sequence[str]
    outlet_minutes: float
    look_back_days: int
    report_again: timedelta
    metrics_file: Path | None
    thresholds: Thresholds

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        metrics = str(settings.get("METRICS_FILE") or "")
        return cls(
            outlets=[name for names in settings.getlist("OUTLETS") for name in names.split()],
            outlet_minutes=number(settings, "OUTLET_MINUTES", 0, MINUTES),
            look_back_days=whole(settings, "LOOK_BACK_DAYS", 1, DAYS),
            report_again=hours(settings, "REPORT_AGAIN_HOURS"),
            metrics_file=PROJECT_ROOT / Path(metrics).expanduser() if metrics else None,
            thresholds=Thresholds.from_settings(settings),
        )


def signing_key_file(settings: BaseSettings) -> str:
    """Return the path of the PEM file with the key that signs WACZ files; empty: a new key for each file."""
    return str(settings.get("WACZ_SIGNING_KEY") or "")


def check_settings(settings: BaseSettings) -> None:
    """Raise Refused for the first setting that is not valid."""
    readers: list[Callable[[BaseSettings], object]] = [
        kind.from_settings for kind in (Deployment, Access, Pace, RefusalLimits, RecordingLimits, RevisitPlan)
    ]
    for read in (*readers, extraction_processes, UpdateOptions.from_settings, _check_scrapys_own):
        read(settings)


def _check_scrapys_own(settings: BaseSettings) -> None:
    """Check the numbers that only Scrapy's components read."""
    number(settings, "DOWNLOAD_DELAY_JITTER", 0, 1)
    number(settings, "DOWNLOAD_TIMEOUT", 1, SECONDS)
    number(settings, "LOGSTATS_INTERVAL", 0, SECONDS)
    whole(settings, "METAREFRESH_MAXDELAY", 0, SECONDS)
    for name in ("DOWNLOAD_WARNSIZE", "RETRY_TIMES", "URLLENGTH_LIMIT"):
        whole(settings, name)
    for name in ("CONCURRENT_ITEMS", "CONCURRENT_REQUESTS", "CONCURRENT_REQUESTS_PER_DOMAIN", "DOWNLOAD_MAXSIZE"):
        whole(settings, name, 1)
