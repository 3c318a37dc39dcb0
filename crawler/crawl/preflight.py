"""What is checked before a crawl writes anything: a mistake costs one clear line and leaves no trace."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.crawler import Crawler
from sqlalchemy.exc import SQLAlchemyError

from crawler.archive.spool import SpoolFull
from crawler.archive.storage.base import StorageError, StoreUnreachable
from crawler.archive.storage.s3_options import LOCKS
from crawler.crawl.deployment import Deployment
from crawler.crawl.numbers import HOURS, Number
from crawler.model.addresses import is_web_address
from crawler.model.exit_codes import FAILED, USAGE, BrokenOutlet, Refused
from crawler.model.private_addresses import private_hosts
from crawler.model.span import BadArgument
from crawler.outlets.loader import OutletLoader, account_of, place_of
from crawler.recording.archive_identity import claim
from crawler.state import State
from crawler.system.locks import DirectoryLock, backfill_lock, crawling, outlet_lock
from crawler.system.terminal import complain

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings, Settings

    from crawler.crawl.spider import NewsSpider


class PrivateAddress(Refused):
    """A crawl would begin at a private host, which the settings do not allow."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is a private address; ALLOW_PRIVATE_ADDRESSES=True would allow it", FAILED)
        self.host = host


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """A crawl that may start: spider name, spider arguments, and the lock to hold meanwhile."""

    name: str
    arguments: dict[str, Any]
    lock: AbstractContextManager[Any]


def prepare(settings: Settings, names: list[str], arguments: Mapping[str, Any]) -> CrawlPlan:
    """Check names, arguments, addresses and places, in this order. Raises Refused."""
    if len(names) != 1:
        raise Refused("crawl takes one outlet; `scrapy list` names them", USAGE)
    check_outlets(settings, names)
    check_settings(settings)
    spider = make_spider(settings, names[0], arguments)
    check_addresses(settings, start_addresses(spider))
    check_places(settings)
    check_spool(settings)
    spool = Deployment.from_settings(settings).spool
    return CrawlPlan(spider.name, spider.arguments(), crawling(spool, _lock(spool, spider)))


def _lock(spool: Path, spider: NewsSpider) -> DirectoryLock | None:
    if spider.name == "urls":
        return None
    lock = backfill_lock if spider.backfill else outlet_lock
    return lock(spool, spider.name)


def check_jobs(
    settings: Settings, named: list[str], outlets: Collection[str], arguments: Mapping[str, str]
) -> dict[str, str]:
    """Check the outlets of an update or backfill as `prepare` does one; return the errors of those that are broken.

    Raises Refused for what concerns all of them.
    """
    broken = unknown_outlets(settings, named)
    check_settings(settings)
    for outlet in outlets:
        try:
            if outlet not in broken:
                check_outlet(settings, outlet, arguments)
        except BrokenOutlet as error:
            broken[outlet] = error.account
    check_places(settings)
    return broken


def check_outlet(settings: Settings, name: str, arguments: Mapping[str, str]) -> None:
    """Raise BrokenOutlet, or Refused for what concerns other outlets too."""
    spider = make_spider(settings, name, arguments)
    try:
        check_addresses(settings, start_addresses(spider))
    except PrivateAddress as error:
        raise BrokenOutlet(name, f"{error} ({place_of(type(spider), error.host)})") from error


def check_outlets(settings: BaseSettings, names: list[str]) -> None:
    """Raise Refused for the first name that is not an outlet."""
    for sentence in unknown_outlets(settings, names).values():
        raise Refused(sentence, FAILED)


def unknown_outlets(settings: BaseSettings, names: Iterable[str]) -> dict[str, str]:
    """Return a sentence for each name that is not an outlet, if a module that can't be loaded may have it.

    Raises Refused for such a name if all modules are loaded.
    """
    loader = OutletLoader.from_settings(settings)
    known, broken, found = loader.list(), hidden(loader), {}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known))}"
            found[name] = f"unknown outlet {name!r}: {hint}{broken}"
            if not broken:
                raise Refused(found[name], USAGE)
    return found


def hidden(loader: OutletLoader) -> str:
    """Return what may hide outlets, as the end of a sentence."""
    return "".join(f"; {module} can't be loaded: {why}" for module, why in loader.broken.items())


def make_spider(settings: Settings, name: str, arguments: Mapping[str, Any]) -> NewsSpider:
    """Return the spider as the crawl would make it. Raises Refused for an argument that can't be, BrokenOutlet."""
    outlet = OutletLoader.from_settings(settings).load(name)
    try:
        spider = outlet.from_crawler(Crawler(outlet, settings), **arguments)
        if not isinstance(spider, outlet):
            raise TypeError(f"from_crawler returned {spider!r}")
        return spider  # type: ignore[return-value]
    except BadArgument as error:
        raise Refused(str(error), USAGE) from error
    except KeyboardInterrupt:
        raise  # one that is a SystemExit too: nothing is wrong with the outlet
    except (Exception, SystemExit) as error:  # whatever an outlet's own code does wrong
        raise BrokenOutlet(name, account_of(error, outlet)) from error


def start_addresses(spider: NewsSpider) -> list[str]:
    """Return the addresses that a crawl begins with. Raises BrokenOutlet."""
    try:
        addresses = spider.start_addresses()
        wrong = [url for url in addresses if not is_web_address(url)]
    except KeyboardInterrupt:
        raise  # one that is a SystemExit too: nothing is wrong with the outlet
    except (Exception, SystemExit) as error:  # whatever an outlet's own code does wrong
        raise BrokenOutlet(spider.name, account_of(error, type(spider))) from error
    if wrong:
        raise BrokenOutlet(spider.name, f"{wrong[0]!r} is not a web address ({place_of(type(spider), wrong[0])})")
    return addresses


def check_addresses(settings: BaseSettings, addresses: list[str]) -> None:
    """Raise Refused for private addresses that are not allowed, or public ones without a CONTACT."""
    private = private_hosts(addresses)
    if private and not settings.getbool("ALLOW_PRIVATE_ADDRESSES"):
        raise PrivateAddress(private[0])
    if not str(settings.get("CONTACT") or "").strip() and any(not private_hosts([url]) for url in addresses):
        raise Refused(
            "CONTACT is not set: give a mail address or page (KHOBOR_CONTACT or -s CONTACT=…) "
            "before asking the public web",
            FAILED,
        )


def check_settings(settings: BaseSettings) -> None:
    """Raise Refused for a setting whose value can't be meant."""
    hours = Number(0, HOURS)
    if not all(map(hours.allows, settings.getlist("REVISIT_AFTER"))):
        raise Refused(f"REVISIT_AFTER={settings.get('REVISIT_AFTER')} are not whole hours with commas between", USAGE)
    lock = str(settings.get("S3_OBJECT_LOCK") or "")
    if lock and (lock not in LOCKS or not settings.getint("S3_OBJECT_LOCK_DAYS")):
        raise Refused(f"S3_OBJECT_LOCK={lock}: {' or '.join(LOCKS)} and S3_OBJECT_LOCK_DAYS are needed", USAGE)
    if any(not character.isprintable() for character in str(settings.get("CONTACT") or "")):
        raise Refused("CONTACT must be one line", USAGE)


def check_places(settings: BaseSettings) -> None:
    """Raise Refused when archive, spool or state can't be written, or the archive is not the one that state knows.

    Then it leaves no folder behind.
    """
    deployment = Deployment.from_settings(settings)
    spool, archive = deployment.spool, deployment.archive_url
    check_apart([spool] if "://" in archive else [spool, Path(archive)])
    is_new = not spool.exists()
    try:
        _try_places(deployment)
    except Refused:
        if is_new:
            with suppress(OSError):
                spool.rmdir()
        raise


def check_spool(settings: BaseSettings) -> None:
    """Raise Refused when more waits in the spool than it may hold."""
    try:
        Deployment.from_settings(settings).check_room()
    except SpoolFull as error:
        raise Refused(str(error), FAILED) from error


def check_apart(places: list[Path]) -> None:
    """Raise Refused when spool and archive are one folder or one lies in the other: a push would remove files."""
    if len(places) == 2:
        spool, archive = (place.resolve() for place in places)
        if spool.is_relative_to(archive) or archive.is_relative_to(spool):
            raise Refused(f"ARCHIVE_URL {archive} and SPOOL_DIR {spool} must lie apart", USAGE)


def _try_places(deployment: Deployment) -> None:
    spool = deployment.spool
    try:
        is_answering = _is_answering(deployment)
    except StorageError as error:
        raise Refused(str(error), FAILED) from error
    try:
        spool.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=spool) as trial:
            trial.write(b"khobor")
    except OSError as error:
        raise Refused(f"SPOOL_DIR: {spool} can't be written: {error.strerror}", FAILED) from error
    try:
        with closing(State(deployment.state_url)) as state:
            # What is locked by another process, or can't be written, is found here and not by each crawl anew.
            state.sync()
            is_new = state.is_new
            if is_answering:
                claim(deployment.archive(), state)
    except StorageError as error:
        raise Refused(str(error), FAILED) from error
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise Refused(f"STATE_URL can't be used: {str(error).splitlines()[0]}", FAILED) from error
    if is_new and is_answering and _holds_runs(deployment):
        complain(f"state is new though {deployment.archive_url} holds runs: `scrapy state --rebuild` tells it of them")


def _is_answering(deployment: Deployment) -> bool:
    # A store that is only unreachable is no reason to refuse: finished files wait for it in the spool.
    with suppress(StoreUnreachable):
        deployment.archive().check()
        return True
    return False


def _holds_runs(deployment: Deployment) -> bool:
    with suppress(StorageError):
        return any(True for _ in deployment.archive().list("manifest/"))
    return False
