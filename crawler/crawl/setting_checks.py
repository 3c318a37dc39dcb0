"""Checks of all settings before a command begins: one line for the first that is not valid, or does not exist."""

from __future__ import annotations

import codecs
import json
import logging
import os
from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module

from scrapy.settings import BaseSettings, default_settings

from crawler.crawl.settings import (
    SECONDS,
    Access,
    Deployment,
    Extraction,
    Pace,
    Queue,
    ResourcePlan,
    RevisitPlan,
    UpdateOptions,
    number,
    whole,
)
from crawler.model.exit_codes import USAGE, Refused

# Those that are True or False, beside those of Scrapy whose default is.
SWITCHES = ("ALLOW_PRIVATE_ADDRESSES", "TELNETCONSOLE_ENABLED")
# Numbers of Scrapy that may be negative, those that have a default without fraction but may have one, and the least
# ones with which a crawl works.
SIGNED = ("DEPTH_PRIORITY", "FEED_EXPORT_INDENT", "REDIRECT_PRIORITY_ADJUST", "RETRY_PRIORITY_ADJUST")
FRACTIONS = ("DNS_TIMEOUT", "DOWNLOAD_DELAY", "DOWNLOAD_TIMEOUT")
LEAST = {
    "AUTOTHROTTLE_TARGET_CONCURRENCY": 0.01,
    "CONCURRENT_ITEMS": 1,
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DNS_TIMEOUT": 0.01,
    "DOWNLOAD_MAXSIZE": 1,
    "DOWNLOAD_TIMEOUT": 1,
    "MEMUSAGE_CHECK_INTERVAL_SECONDS": 1,
    "REACTOR_THREADPOOL_MAXSIZE": 1,
}
MOST = {"DOWNLOAD_DELAY_JITTER": 1}
# Settings that have no default anywhere.
WITHOUT_DEFAULT = ("META_COPY_WARN_SKIP_KEYS", "RUN_COMMAND", "WACZ_SIGNING_KEY")


def unknown_setting(name: str) -> str | None:
    """Return a sentence about a name that neither Scrapy, this project nor its settings module knows as a setting."""
    project = import_module(os.environ.get("SCRAPY_SETTINGS_MODULE", "settings.base"))
    known = {one for one in (*dir(default_settings), *dir(project), *WITHOUT_DEFAULT) if one.isupper()}
    if name in known:
        return None
    near = get_close_matches(name.upper(), known, 1)
    return f"there is no setting {name}" + (f": did you mean {near[0]}?" if near else "; see docs/settings.md")


def malformed_setting(name: str, value: str) -> str | None:
    """Return a sentence about a text that Scrapy could not even store, as the value of a setting with names in it."""
    if name not in _defaults(dict):
        return None
    try:
        is_object = isinstance(json.loads(value or "{}"), dict)
    except ValueError:
        is_object = False
    return None if is_object else f'{name}={value} is not a JSON object, such as {{"name": 1}}'


def check_settings(settings: BaseSettings) -> None:
    """Raise Refused for the first setting that is not valid."""
    for name in (*_defaults(bool), *SWITCHES):
        check_kind(settings.getbool, settings, name, "is neither True nor False")
    Deployment.from_settings(settings)
    Access.from_settings(settings)
    Pace.from_settings(settings)
    RevisitPlan.from_settings(settings)
    ResourcePlan.from_settings(settings)
    Extraction.from_settings(settings)
    UpdateOptions.from_settings(settings)
    Queue.from_settings(settings)
    for name in _defaults(list):
        check_kind(settings.getlist, settings, name, "is not a list")
    for name in _defaults(int, float):
        _check_number(settings, name)
    for name in vars(default_settings):
        if name.endswith("_ENCODING"):
            check_kind(lambda name: codecs.lookup(settings.get(name, "utf-8")), settings, name, "is not an encoding")
        if name.endswith("LOG_LEVEL"):
            _check_level(settings, name)


def _check_number(settings: BaseSettings, name: str) -> None:
    least = LEAST.get(name, 0)
    if name in SIGNED:
        check_kind(settings.getint, settings, name, "is not a whole number")
    elif name in FRACTIONS or name in _defaults(float):
        number(settings, name, least, MOST.get(name, SECONDS))
    elif name not in SWITCHES:
        whole(settings, name, int(least))


def _check_level(settings: BaseSettings, name: str) -> None:
    levels, level = logging.getLevelNamesMapping(), settings.get(name)
    # The crawls of an update get LOG_LEVEL as a word.
    if level not in levels and (name == "LOG_LEVEL" or not isinstance(level, int)):
        raise Refused(f"{name}={level} is not one of {', '.join(levels)}", USAGE)


def _defaults(*kinds: type) -> list[str]:
    """Return the names of Scrapy's settings whose default is of one of these types."""
    return [name for name, value in vars(default_settings).items() if type(value) in kinds]


def check_kind(read: Callable[[str], object], settings: BaseSettings, name: str, fault: str) -> None:
    """Raise Refused for a value that Scrapy could not read, which it would notice in the crawl."""
    try:
        read(name)
    except (LookupError, OverflowError, TypeError, ValueError) as error:
        raise Refused(f"{name}={settings.get(name)} {fault}", USAGE) from error
