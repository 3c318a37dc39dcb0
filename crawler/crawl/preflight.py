"""Checks before a crawl writes anything: a mistake costs one line and leaves no trace."""

from __future__ import annotations

import difflib
import inspect
import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeAlias
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings, Settings
from sqlalchemy.exc import SQLAlchemyError
from w3lib.url import file_uri_to_path

from crawler.archive.spool import SpoolFull
from crawler.archive.storage.base import StorageError, StoreUnreachable
from crawler.crawl.components import check_components
from crawler.crawl.setting_checks import check_settings, unknown_setting
from crawler.crawl.settings import Access, Deployment
from crawler.crawl.spider import NewsSpider
from crawler.model.addresses import is_web_address
from crawler.model.exit_codes import FAILED, USAGE, BrokenOutlet, Refused
from crawler.model.listing import GIVEN
from crawler.model.private_addresses import private_hosts
from crawler.model.span import BadArgument, OutOfReach
from crawler.outlets.declarations import place_of
from crawler.outlets.loader import Outlets, own_code
from crawler.recording.archive_identity import claim
from crawler.state import State
from crawler.state.archived import ArchiveFacts
from crawler.system.locks import backfill_lock, crawling, outlet_lock

# Makes the spider of an outlet's name with spider arguments. Raises BadArgument, BrokenOutlet.
MakeSpider: TypeAlias = "Callable[[str, Mapping[str, Any]], NewsSpider]"


@dataclass(frozen=True, slots=True)
class Project:
    deployment: Deployment
    access: Access
    outlets: Outlets
    settings: Settings

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        outlets = Outlets.from_settings(settings)
        return cls(Deployment.from_settings(settings), Access.from_settings(settings), outlets, settings)

    def make_spider(self, name: str, arguments: Mapping[str, Any]) -> NewsSpider:
        """Return the spider as the crawl makes it. Raises BadArgument, BrokenOutlet."""
        outlet = self.outlets.load(name)
        with own_code(outlet, name, BadArgument):
            spider = outlet.from_crawler(Crawler(outlet, self.settings), **arguments)
            if not isinstance(spider, NewsSpider):
                raise TypeError(f"from_crawler returned {spider!r}")
            _check_start(spider)
        if outlet.custom_settings:
            _check_settings_of(spider)
        return spider


def _check_start(spider: NewsSpider) -> None:
    started: object = spider.start()
    if inspect.iscoroutine(started):
        started.close()
    if not inspect.isasyncgen(started):
        raise TypeError("start is not an asynchronous generator: async def with yield")


def _check_settings_of(spider: NewsSpider) -> None:
    try:
        for name in map(str, spider.custom_settings or ()):
            if sentence := unknown_setting(name):
                raise Refused(sentence, USAGE)
            if name in ("ARCHIVE_URL", "SPOOL_DIR", "STATE_URL"):
                raise Refused(f"{name} is a place of all outlets: set it with -s or in the environment", USAGE)
        check_settings(spider.settings)
        check_components(spider.crawler.settings)
    except Refused as error:
        place = place_of(type(spider), "custom_settings")
        raise BrokenOutlet(spider.name, f"custom_settings: {error} ({place})") from error


def prepare(
    project: Project, names: list[str], arguments: Mapping[str, Any]
) -> tuple[NewsSpider, AbstractContextManager[None]]:
    """Check names, arguments, addresses and places, in this order; return the spider, and the lock to hold meanwhile.

    Raises Refused, BadArgument.
    """
    if len(names) != 1:
        raise Refused("crawl takes one outlet; `scrapy list` names them", USAGE)
    check_outlets(project.outlets, names)
    check_components(project.settings)
    spider = project.make_spider(names[0], arguments)
    addresses = start_addresses(spider)
    # Among addresses given by hand, each is refused alone.
    public = [url for url in addresses if not private_hosts([url])] if spider.name == GIVEN else []
    check_addresses(project.access, public or addresses)
    check_outputs(spider.settings)
    check_places(project.deployment, spider.name)
    check_spool(project.deployment)
    spool, lock_of = project.deployment.spool, backfill_lock if spider.backfill else outlet_lock
    lock = None if spider.name == GIVEN else lock_of(spool, spider.name)
    return spider, crawling(spool, lock)


def check_jobs(
    project: Project, named: list[str], outlets: Collection[str], arguments: Mapping[str, str]
) -> dict[str, str]:
    """Check as `prepare` does; return why outlets can't be crawled. Raises as it does for what concerns all."""
    broken = unknown_outlets(project.outlets, named)
    check_components(project.settings)
    for outlet in outlets:
        try:
            if outlet not in broken:
                check_outlet(project, outlet, arguments)
        except BrokenOutlet as error:
            broken[outlet] = error.account
        except OutOfReach as error:
            if len(outlets) == 1:
                raise
            broken[outlet] = str(error)
    check_outputs(project.settings)
    check_places(project.deployment)
    return broken


def check_outlet(project: Project, name: str, arguments: Mapping[str, str]) -> None:
    """Raise BrokenOutlet, or Refused for what concerns other outlets too."""
    spider = project.make_spider(name, arguments)
    check_own_addresses(project.access, spider, start_addresses(spider))


def check_own_addresses(access: Access, spider: NewsSpider, addresses: list[str]) -> None:
    """Raise BrokenOutlet for private addresses that are not allowed, Refused for public ones without a contact."""
    try:
        check_addresses(access, addresses)
    except Refused as error:
        private = private_hosts(addresses)
        if access.private_allowed or not private:
            raise
        raise BrokenOutlet(spider.name, f"{error} ({place_of(type(spider), private[0])})") from error


def check_outlets(outlets: Outlets, names: list[str]) -> None:
    """Raise Refused for the first name that is not an outlet."""
    for sentence in unknown_outlets(outlets, names).values():
        raise Refused(sentence, FAILED)


def unknown_outlets(outlets: Outlets, names: Iterable[str]) -> dict[str, str]:
    """Return a sentence for each name that a broken module may have. Raises Refused if all modules are loaded."""
    known, found = outlets.list(), {}
    broken = "".join(f"; {module} can't be loaded: {why}" for module, why in outlets.broken.items())
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`scrapy list` shows all"
            found[name] = f"unknown outlet {name!r}: {hint}{broken}"
            if not broken:
                raise Refused(found[name], USAGE)
    return found


def start_addresses(spider: NewsSpider) -> list[str]:
    """Return the addresses that a crawl begins with. Raises BrokenOutlet."""
    with own_code(type(spider), spider.name):
        addresses = spider.start_addresses()
        wrong = [url for url in addresses if not is_web_address(url)]
        if not addresses and not spider.sources():
            raise ValueError("no source of articles is declared, such as `feeds` or `national`")
    if wrong:
        raise BrokenOutlet(spider.name, f"{wrong[0]!r} is not a web address ({place_of(type(spider), wrong[0])})")
    return addresses


def check_addresses(access: Access, addresses: list[str]) -> None:
    """Raise Refused for private addresses that are not allowed, or public ones without a contact."""
    private = private_hosts(addresses)
    if private and not access.private_allowed:
        raise Refused(f"{private[0]} is a private address; ALLOW_PRIVATE_ADDRESSES=True would allow it", FAILED)
    if not access.contact and any(not private_hosts([url]) for url in addresses):
        raise Refused(
            "CONTACT is not set: give a mail address or page (KHOBOR_CONTACT or -s CONTACT=…) "
            "before requesting the public web",
            FAILED,
        )


def check_places(deployment: Deployment, outlet: str | None = None) -> None:
    """Raise Refused if archive, spool or state is not writable or fitting; then it leaves no folder behind.

    One folder, or nested ones, are refused too: a push would remove files. State must know the outlet's segments.
    """
    if "://" not in deployment.archive_url:
        # Path.resolve() raises RuntimeError for links in a circle.
        spool, archive = (Path(os.path.realpath(place)) for place in (deployment.spool, deployment.archive_url))
        if spool.is_relative_to(archive) or archive.is_relative_to(spool):
            raise Refused(f"ARCHIVE_URL {archive} and SPOOL_DIR {spool} must lie apart", USAGE)
    try:
        _try_places(deployment, outlet)
    except Refused:
        with suppress(OSError):
            deployment.spool.rmdir()
        raise


def check_outputs(settings: BaseSettings) -> None:
    """Raise Refused if Scrapy can't or must not write into the folder JOBDIR, or a file of FEEDS; leave nothing."""
    if settings["JOBDIR"]:
        _try_output("JOBDIR", Path(settings["JOBDIR"]), is_file=False)
    deployment = Deployment.from_settings(settings)
    for feed in map(str, settings.getdict("FEEDS")):
        path = file_uri_to_path(feed) if feed.startswith("file:") else feed
        if feed != "stdout:":
            deployment.check_outside(path)
        if urlsplit(feed).scheme in ("", "file"):
            _try_output("FEEDS (-o, -O)", Path(path), is_file=True)


def _try_output(name: str, path: Path, is_file: bool) -> None:
    nearest = next(place for place in (path, *path.absolute().parents) if os.path.exists(place))
    try:
        # Trials: permissions say too little about /proc or a disk that is read-only.
        if not is_file or nearest != path:
            with tempfile.TemporaryDirectory(dir=nearest):
                pass
        elif not path.is_fifo():  # it would wait for a reader
            path.open("ab").close()
    except OSError as error:
        raise Refused(f"{name}: {path} can't be written: {error.strerror}; choose another place", USAGE) from error


def check_spool(deployment: Deployment) -> None:
    try:
        deployment.check_room()
    except SpoolFull as error:
        raise Refused(str(error), FAILED) from error


def _try_places(deployment: Deployment, outlet: str | None) -> None:
    try:
        is_answering = _is_answering(deployment)
        _try_spool(deployment.spool)
        with closing(State(deployment.state_url)) as state:
            # A state that is locked or not writable is reported here once, not by each crawl.
            state.sync()
            if is_answering:
                claim(deployment.archive(), ArchiveFacts(state.engine), outlet)
    except StorageError as error:
        raise Refused(str(error), FAILED) from error
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise Refused(f"STATE_URL can't be used: {str(error).splitlines()[0]}", FAILED) from error


def _try_spool(spool: Path) -> None:
    try:
        spool.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=spool) as trial:
            trial.write(b"khobor")
    except OSError as error:
        raise Refused(f"SPOOL_DIR: {spool} can't be written: {error.strerror}", FAILED) from error


def _is_answering(deployment: Deployment) -> bool:
    # An unreachable store is no reason to refuse: finished files wait for it in the spool.
    with suppress(StoreUnreachable):
        deployment.archive().check()
        return True
    return False
