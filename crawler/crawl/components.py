"""The check that Scrapy can make a crawl from the settings, before anything is written."""

from __future__ import annotations

import logging
import os
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from scrapy import Spider
from scrapy.core.downloader import Slot
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.core.scheduler import Scheduler
from scrapy.crawler import Crawler
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, Settings, default_settings
from scrapy.utils._download_handlers import normalize_bind_address
from scrapy.utils.conf import build_component_list
from scrapy.utils.log import log_scrapy_info
from scrapy.utils.misc import build_from_crawler, load_object
from scrapy.utils.reactor import install_reactor, is_reactor_installed

from crawler.crawl.settings import RECORDED, run_command
from crawler.model.exit_codes import USAGE, Refused

LISTS = ("ADDONS", "DOWNLOADER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES", "SPIDER_MIDDLEWARES")
# Without ours a crawl could not record, or would not be polite.
REQUIRED = ("DOWNLOAD_HANDLERS", "DOWNLOADER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES")
CLASSES = (
    "DOWNLOADER",
    "DUPEFILTER_CLASS",
    "LOG_FORMATTER",
    "REQUEST_FINGERPRINTER_CLASS",
    "SCHEDULER",
    "SPIDER_LOADER_CLASS",
    "STATS_CLASS",
    "TWISTED_REACTOR",
)
HANDLERS = ("DOWNLOAD_HANDLERS", "DOWNLOAD_HANDLERS_BASE")
# Values of these types are checked by their ranges.
CHECKED = (bool, int, float)
ABOVE_ALL = sys.maxsize


def check_components(settings: Settings) -> None:
    """Raise Refused for the first setting with which a crawl could not begin: Scrapy would notice in the crawl."""
    for name in (*LISTS, *CLASSES, *HANDLERS):
        try:
            for component in _named(settings, name):
                load_object(component)
        except Exception as error:  # whatever a module does wrong
            raise _refused(name, _problem(error)) from error
    if run_command(settings) in RECORDED:
        _check_required(settings)
    if _is_changed(settings):
        with _silence():
            if problem := _rehearse(settings):
                raise _refused(_cause(settings, problem), problem)


def _is_changed(settings: BaseSettings) -> bool:
    """Return whether a command line or outlet sets what only a rehearsal can check, which takes half a second."""
    return any(
        type(value) not in CHECKED and (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["project"]
        for name, value in vars(default_settings).items()
        if name.isupper() and name != "LOG_LEVEL"
    )


def _named(settings: BaseSettings, name: str) -> list[Any]:
    if name in HANDLERS:
        return [handler for handler in settings.getdict(name).values() if handler is not None]
    return build_component_list(settings.getdict(name)) if name in LISTS else [settings[name]]


def _refused(name: str, problem: str) -> Refused:
    return Refused(f"{name} can't be used: {problem}; correct the setting", USAGE)


def _problem(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _check_required(settings: BaseSettings) -> None:
    if not settings.getbool("TWISTED_REACTOR_ENABLED"):
        raise _refused("TWISTED_REACTOR_ENABLED", "crawls are recorded in Twisted's reactor")
    project = vars(import_module(os.environ.get("SCRAPY_SETTINGS_MODULE", "settings.base")))
    for name in REQUIRED:
        given = settings.getdict(name)
        for key, value in project[name].items():
            if value is not None and given.get(key) is None:
                raise _refused(name, f"it lacks {key}, which settings/base.py has")


def _rehearse(settings: Settings) -> str | None:
    """Make all that Scrapy makes of its own for a crawl, without opening it; return the first error."""
    try:
        _make(Crawler(Spider, _scrapys(settings)))
    except Exception as error:  # noqa: BLE001 (whatever a module does wrong)
        return _problem(error)
    return None


def _scrapys(settings: Settings) -> Settings:
    """Return a copy with Scrapy's own components only: others may write or connect. With it Scrapy makes no folder.

    A component that ours replaces is made too: ours read the same settings.
    """
    copy = settings.copy()
    for name in LISTS:
        for component, order in list(copy[name].items()):
            place = component if isinstance(component, str) else component.__module__
            if order is None or not place.startswith("scrapy."):
                del copy[name][component]
    handlers = dict.fromkeys(copy.getwithbase("DOWNLOAD_HANDLERS"))
    copy.setdict({"DOWNLOAD_HANDLERS": handlers, "HTTPCACHE_DIR": "/", "JOBDIR": None}, ABOVE_ALL)
    return copy


def _make(crawler: Crawler) -> None:
    settings = crawler.settings
    if not is_reactor_installed():
        # A crawl's process has this reactor whatever TWISTED_REACTOR is.
        install_reactor(default_settings.TWISTED_REACTOR, settings["ASYNCIO_EVENT_LOOP"])
    logging.Formatter(settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"]).format(logging.makeLogRecord({}))
    log_scrapy_info(settings)
    crawler.spider = Spider("rehearsal")
    crawler._apply_settings()
    _make_connections(crawler)
    for slot in settings.getdict("DOWNLOAD_SLOTS").values():
        Slot(**{"concurrency": 1, "delay": 0, **slot})
    crawler.engine = crawler._create_engine()
    scheduler = build_from_crawler(crawler.engine.scheduler_cls, crawler)
    if type(scheduler) is Scheduler:
        scheduler.open(crawler.spider)


def _make_connections(crawler: Crawler) -> None:
    from twisted.internet import reactor  # importing it installs it

    for name in ("DNS_RESOLVER", "TWISTED_DNS_RESOLVER"):
        build_from_crawler(load_object(crawler.settings[name]), crawler, reactor=reactor)
    handler: Any = HTTP11DownloadHandler(crawler)
    handler._contextFactory.creatorForNetloc(b"example.org", 443)
    if address := normalize_bind_address(crawler.settings["DOWNLOAD_BIND_ADDRESS"]):
        socket.create_server(address, family=socket.AF_INET6 if ":" in address[0] else socket.AF_INET).close()


def _cause(settings: Settings, problem: str) -> str:
    """Return the setting whose default solves a problem, or at least changes it."""
    changed = [name for name in vars(default_settings) if name.isupper() and settings.getpriority(name)]
    others = []
    for name in sorted(changed, key=lambda name: settings.getpriority(name) or 0, reverse=True):
        trial = settings.copy()
        trial.set(name, getattr(default_settings, name), ABOVE_ALL)
        found = _rehearse(trial)
        if found is None:
            return name
        if found != problem:
            others.append(name)
    return (others or ["a setting"])[0]


@contextmanager
def _silence() -> Iterator[None]:
    """Let nothing be logged or warned of: the crawl does so."""
    disabled = logging.root.manager.disable
    logging.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
