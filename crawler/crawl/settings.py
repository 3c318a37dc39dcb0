"""The settings as typed, validated objects: their ranges and units. A value that is not valid raises Refused."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from crawler.archive.spool import SegmentLimits, check_room, identity_of
from crawler.archive.storage import is_within, storage_for
from crawler.archive.storage.base import LEAST_PART, LOCKS, MOST_PART, Options, Storage
from crawler.extraction import KEEPABLE
from crawler.model.addresses import is_web_address
from crawler.model.exit_codes import USAGE, Refused
from crawler.system.terminal import printable

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crawler.crawl.extraction_pool import ExtractionPool
    from crawler.recording.push import Push
    from crawler.state import State
    from crawler.state.leases import Leases

# The folder of scrapy.cfg: relative places are relative to it, whatever the working directory.
PROJECT_ROOT = Path(__file__).resolve().parents[2]

# No machine has room for more processes or uploads at the same time.
PARALLEL = 1000

# A hundred years: a date plus or minus this stays within the calendar.
DAYS = 36_500
HOURS, MINUTES, SECONDS = DAYS * 24, DAYS * 1440, DAYS * 86_400

# No crawl would end with a longer delay, in seconds. New articles need room beside revisits.
LONGEST_DELAY, MOST_REVISITS = 3600, 0.95
MAIL = re.compile(r"[^\s@<>(),:;]+@[\w-]+(?:\.[\w-]+)+")
# The commands whose crawls are recorded; update and backfill name themselves for their children.
RECORDED = ("crawl", "update", "backfill")
RESOURCES = ("none", "styles", "lead")
# The lease of spools by default, and that of workers: another worker takes the jobs of a dead one after it.
DEFAULT_LEASE, WORKER_LEASE = 900, 150
CMDLINE = SETTINGS_PRIORITIES["cmdline"]
N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class Deployment:
    """The places of a deployment, as absolute paths and URLs, and the limits of its spool.

    Nobody else takes over files that wait here before `lease` ends. Uploaded files stay for `keep_days`.
    `max_waiting_bytes` may wait for a bucket (0: no limit).
    """

    archive_url: str
    spool: Path
    state_url: str
    upload: Options
    lease: timedelta
    keep_days: int
    max_waiting_bytes: float
    limits: SegmentLimits

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        archive, spool = _place(settings, "ARCHIVE_URL"), _path("SPOOL_DIR", _place(settings, "SPOOL_DIR"))
        age = timedelta(seconds=number(settings, "WARC_AGE", 1, SECONDS))
        open_for = hours(settings, "SEGMENT_HOURS")
        return cls(
            # The storage rejects an S3 address without its second slash.
            archive_url=archive
            if "://" in archive or archive.startswith("s3:")
            else str(PROJECT_ROOT / Path(archive).expanduser()),
            spool=spool,
            state_url=_state_url(_place(settings, "STATE_URL"), spool),
            upload=_upload_options(settings),
            lease=timedelta(seconds=number(settings, "RUN_LEASE_SECONDS", 1, SECONDS)),
            keep_days=whole(settings, "SPOOL_KEEP_DAYS", 0, DAYS),
            max_waiting_bytes=number(settings, "SPOOL_MAX_BYTES"),
            limits=SegmentLimits(whole(settings, "WARC_SIZE", 1), open_for or age, bool(open_for)),
        )

    def archive(self) -> Storage:
        return storage_for(self.archive_url, self.upload)

    def leases(self, engine: Engine) -> Leases:
        """Return the lease of this spool, and those of others. Raises OSError."""
        from crawler.state.leases import Leases  # every command imports this module

        return Leases(engine, identity_of(self.spool), self.lease)

    def push(self, state: State, patience: float = 0.0) -> Push:
        """Return the uploader of the files that wait in this spool; see Push for `patience`."""
        from crawler.recording.push import Push

        leases = self.leases(state.engine)
        return Push(self.spool, self.archive(), state, leases, self.keep_days, patience)

    def check_room(self) -> None:
        """Raise SpoolFull if more waits in the spool than it may hold, OSError if it is not readable."""
        check_room(self.spool, self.archive_url, self.max_waiting_bytes)

    def check_outside(self, output: str) -> None:
        """Raise Refused for an output in the archive or in the spool, where only khobor writes."""
        for what, place in (("archive", self.archive_url), ("spool", str(self.spool))):
            if is_within(output, place):
                raise Refused(f"{output} is in the {what}: choose a place outside of it", USAGE)


@dataclass(frozen=True, slots=True)
class Access:
    contact: str
    private_allowed: bool

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        contact = str(settings.get("CONTACT") or "").strip()
        if contact and not (
            MAIL.fullmatch(contact) or (is_web_address(contact) and contact.isprintable() and " " not in contact)
        ):
            raise Refused(f"CONTACT={printable(contact)} is neither a mail address nor a web address", USAGE)
        return cls(contact, settings.getbool("ALLOW_PRIVATE_ADDRESSES"))


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two requests to a host (0: no pacing), and for which a robots.txt is valid.

    A crawl ends after this many consecutive `refusals`, or addresses `unanswered`.
    """

    delay: float
    robots_max_age: float
    refusals: int
    unanswered: int

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(
            delay=number(settings, "DOWNLOAD_DELAY", 0, LONGEST_DELAY),
            robots_max_age=number(settings, "ROBOTSTXT_MAX_AGE", 0, SECONDS),
            refusals=whole(settings, "REFUSALS_IN_A_ROW", 1),
            unanswered=whole(settings, "UNANSWERED_IN_A_ROW", 1),
        )


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


@dataclass(frozen=True, slots=True)
class Extraction:
    """The number of processes that extract articles (0: a crawl only records), and what they `keep` in texts."""

    processes: int
    keep: frozenset[str]

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        keep = frozenset(name.strip() for name in settings.getlist("EXTRACT_KEEP") if name.strip())
        if unknown := keep - KEEPABLE:
            raise Refused(f"EXTRACT_KEEP={min(unknown)} is not one of {', '.join(sorted(KEEPABLE))}", USAGE)
        return cls(whole(settings, "EXTRACTION_PROCESSES", 0, PARALLEL), keep)

    def pool(self, processes: int | None = None) -> ExtractionPool:
        from crawler.crawl.extraction_pool import ExtractionPool  # every command imports this module

        return ExtractionPool(max(1, self.processes if processes is None else processes), self.keep)


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """Which resources of pages a crawl fetches, and the bytes and seconds of a run for them.

    An update's crawl leaves time to end before its deadline.
    """

    has_styles: bool
    has_lead: bool
    most_bytes: int
    seconds: float
    deadline: float

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        mode = str(settings.get("PAGE_RESOURCES"))
        if mode not in RESOURCES:
            raise Refused(f"PAGE_RESOURCES={printable(mode)} is not one of {', '.join(RESOURCES)}", USAGE)
        minutes = number(settings, "OUTLET_MINUTES", 0, MINUTES) if run_command(settings) == "update" else 0
        return cls(
            mode != RESOURCES[0],
            mode == RESOURCES[-1],
            whole(settings, "PAGE_RESOURCES_BYTES"),
            number(settings, "PAGE_RESOURCES_SECONDS", 0, SECONDS),
            minutes * 60 or math.inf,
        )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The HEALTH_* settings; `chance` and `rise` are shares of 1."""

    chance: float = 0.0001
    rise: float = 0.2
    listed: int = 3
    quiet: timedelta = timedelta(hours=24)
    days: int = 60
    new: int = 5

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(
            number(settings, "HEALTH_CHANCE", 0, 1),
            number(settings, "HEALTH_RISE", 0, 1),
            whole(settings, "HEALTH_LISTED"),
            hours(settings, "HEALTH_QUIET_HOURS"),
            whole(settings, "HEALTH_DAYS", 1, DAYS),
            whole(settings, "HEALTH_NEW", 1),
        )


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
        outlets = [name for names in settings.getlist("OUTLETS") for name in names.split()]
        # All outlets would be crawled.
        if settings.get("OUTLETS") and not outlets:
            raise Refused(
                f"OUTLETS={settings.get('OUTLETS')} names no outlet: is a variable of the shell not set?", USAGE
            )
        return cls(
            outlets=outlets,
            outlet_minutes=number(settings, "OUTLET_MINUTES", 0, MINUTES),
            look_back_days=whole(settings, "LOOK_BACK_DAYS", 1, DAYS),
            report_again=hours(settings, "REPORT_AGAIN_HOURS"),
            metrics_file=_path("METRICS_FILE", metrics) if metrics else None,
            thresholds=Thresholds.from_settings(settings),
        )


@dataclass(frozen=True, slots=True)
class Queue:
    """The database of the queue, when updates are queued (a time of cron, UTC), and the lease of a worker's spool."""

    url: str
    update_cron: str
    lease: timedelta

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        cron = str(settings.get("UPDATE_CRON") or "").strip()
        if cron:
            from croniter import croniter  # every command imports this module

            if not croniter.is_valid(cron):
                raise Refused(f"UPDATE_CRON={cron} is not a time of cron, such as */30 * * * *", USAGE)
        seconds = number(settings, "RUN_LEASE_SECONDS", 1, SECONDS)
        is_default = seconds == DEFAULT_LEASE and (settings.getpriority("RUN_LEASE_SECONDS") or 0) < CMDLINE
        return cls(
            str(settings.get("QUEUE_URL") or ""), cron, timedelta(seconds=WORKER_LEASE if is_default else seconds)
        )


def run_command(settings: BaseSettings) -> str:
    """Return the command that a crawl runs under: one of RECORDED, or one that records nothing, such as `fetch`."""
    return str(settings.get("RUN_COMMAND") or RECORDED[0])


def whole(settings: BaseSettings, name: str, least: int = 0, most: int = sys.maxsize) -> int:
    """Return a setting as a whole number from `least` to `most`. Raises Refused."""
    return _valid(int, "a whole number", settings, name, least, most)


def number(settings: BaseSettings, name: str, least: float = 0, most: int = sys.maxsize) -> float:
    """Return a setting as a number from `least` to `most`. Raises Refused."""
    return _valid(float, "a number", settings, name, least, most)


def _valid(kind: Callable[[Any], N], noun: str, settings: BaseSettings, name: str, least: float, most: int) -> N:
    found = parsed(kind, value := settings.get(name), least, most)
    if found is None:
        limit = "on" if most == sys.maxsize else f"to {most}"
        raise Refused(f"{name}={value} is not {noun} from {least} {limit}", USAGE)
    return found


def hours(settings: BaseSettings, name: str) -> timedelta:
    return timedelta(hours=number(settings, name, 0, HOURS))


def parsed(kind: Callable[[Any], N], value: object, least: float, most: int) -> N | None:
    """Return a number or its text as a number of this kind, None unless it is one from `least` to `most`."""
    try:
        found = kind(value)
    except (TypeError, ValueError, OverflowError):
        return None
    # A settings module may have 1.5, which int() truncates.
    is_truncated = isinstance(value, float) and value != found
    return found if least <= found <= most and not is_truncated else None


def _place(settings: BaseSettings, name: str) -> str:
    # An empty path would be the project's own folder.
    place = str(settings.get(name) or "")
    if not place.strip():
        raise Refused(f"{name} is empty", USAGE)
    return place


def _path(name: str, place: str) -> Path:
    if "://" in place:
        raise Refused(f"{name} {place}: it must be a place on this machine", USAGE)
    return PROJECT_ROOT / Path(place).expanduser()


def _state_url(url: str, spool: Path) -> str:
    if url.startswith("sqlite") and "{" in url.replace("{SPOOL_DIR}", ""):
        raise Refused(f"STATE_URL {url}: only {{SPOOL_DIR}} stands for a place", USAGE)
    url = url.replace("{SPOOL_DIR}", str(spool))
    scheme, separator, path = url.partition("///")
    if scheme.startswith("sqlite") and separator and path and path != ":memory:":
        return f"{scheme}///{PROJECT_ROOT / path}"
    return url


def _upload_options(settings: BaseSettings) -> Options:
    lock, lock_days = str(settings.get("S3_OBJECT_LOCK") or ""), whole(settings, "S3_OBJECT_LOCK_DAYS", 0, DAYS)
    if lock and (lock not in LOCKS or not lock_days):
        raise Refused(f"S3_OBJECT_LOCK={lock}: {' or '.join(LOCKS)} and S3_OBJECT_LOCK_DAYS are needed", USAGE)
    return Options(
        part_size=whole(settings, "UPLOAD_PART_SIZE", LEAST_PART, MOST_PART),
        parts_at_once=whole(settings, "UPLOAD_PARTS_AT_ONCE", 1, PARALLEL),
        bytes_per_second=number(settings, "UPLOAD_BYTES_PER_SECOND"),
        storage_class=str(settings.get("S3_STORAGE_CLASS") or ""),
        lock=lock,
        lock_days=lock_days,
    )
