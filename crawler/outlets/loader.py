"""The outlets, each loaded from its own module: a module that fails to load does not affect other outlets."""

from __future__ import annotations

import pkgutil
import re
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Self, TypeVar

from scrapy import Request, Spider
from scrapy.settings import BaseSettings, default_settings
from scrapy.spiderloader import SpiderLoaderProtocol
from scrapy.utils.reactor import install_reactor, is_reactor_installed

from crawler.model.addresses import host_of
from crawler.model.exit_codes import BrokenOutlet
from crawler.model.failures import BREAKING
from crawler.model.listing import GIVEN
from crawler.outlets.declarations import WrongDeclaration, place_of
from crawler.outlets.outlet import Outlet, text_of
from crawler.system.terminal import Interrupted

Reply = TypeVar("Reply")

# The folders of code that is not an outlet's.
NOT_AN_OUTLETS = (
    str(Path(__file__).parents[1]),
    sysconfig.get_path("stdlib"),
    sysconfig.get_path("purelib"),
    sysconfig.get_path("platlib"),
    "<frozen",
    # The constructors of dataclasses.
    "<string>",
)


class Outlets(SpiderLoaderProtocol):
    """The outlets of SPIDER_MODULES, by name and by address.

    `broken` has the error of each module that can't be loaded, in one line, `failed` that of each outlet whose own code
    fails.
    """

    unknown: type[Outlet] = Outlet

    def __init__(self, outlets: Iterable[type[Outlet]] = ()) -> None:
        self.broken: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self._by_name = {outlet.name: outlet for outlet in outlets}

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        outlets = cls()
        if not is_reactor_installed() and not settings["ASYNCIO_EVENT_LOOP"]:
            # A module that imports Twisted's reactor would install another one, for all outlets.
            install_reactor(default_settings.TWISTED_REACTOR)
        for name in settings.getlist("SPIDER_MODULES"):
            outlets._load(name)
        outlets._by_name = dict(sorted(outlets._by_name.items()))
        return outlets

    def __iter__(self) -> Iterator[type[Outlet]]:
        return iter(self._by_name.values())

    def named(self, name: str) -> type[Outlet] | None:
        return self._by_name.get(name)

    def rules_of(self, name: str) -> type[Outlet]:
        """Return the outlet whose rules read a page: the one of this name, else one with general rules."""
        return self._by_name.get(name, self.unknown)

    def ask(self, outlet: type[Outlet], question: Callable[[], Reply]) -> Reply | None:
        """Return the answer of an outlet's own code; None if that fails: the others go on, and `failed` has why."""
        try:
            with own_code(outlet, outlet.name):
                return question()
        except BrokenOutlet as error:
            self.failed.setdefault(outlet.name, error.account)
            return None

    @property
    def faults(self) -> __builtins__.list[str]:
        """The sentences about the modules that can't be loaded and the outlets that failed to answer."""
        return [
            *(f"{module} can't be loaded: {why}" for module, why in self.broken.items()),
            *(str(BrokenOutlet(name, why)) for name, why in self.failed.items()),
        ]

    def of(self, url: str) -> type[Outlet] | None:
        """Return the outlet of an article's address, by host and pattern, or None.

        Raises BrokenOutlet if it may be that of an outlet whose own code fails, but is no other's.
        """
        unsure = None
        for outlet in self.all_on(url):
            has_article = self.ask(outlet, partial(_has_article, outlet, url))
            if has_article:
                return outlet
            unsure = unsure or (outlet.name if has_article is None else None)
        if unsure:
            raise BrokenOutlet(unsure, self.failed[unsure])
        return None

    def on(self, url: str) -> type[Outlet] | None:
        """Return the outlet on whose domains an address is, or None."""
        return next(self.all_on(url), None)

    def load(self, spider_name: str) -> Any:
        return self._by_name[spider_name]

    def list(self) -> list[str]:
        return [*self._by_name]

    def find_by_request(self, request: Request) -> __builtins__.list[str]:
        return [outlet.name for outlet in self.all_on(request.url)]

    def all_on(self, url: str) -> Iterator[type[Outlet]]:
        """Yield the outlets on whose domains an address is, those of the most exact domain first."""
        host = host_of(url)
        while host:
            yield from self._by_domain.get(host, {}).values()
            host = host.partition(".")[2]

    @cached_property
    def _by_domain(self) -> dict[str, dict[str, type[Outlet]]]:
        found: dict[str, dict[str, type[Outlet]]] = {}
        for outlet in self:
            for domain in outlet.allowed_domains:
                found.setdefault(domain, {})[outlet.name] = outlet
        return found

    def _load(self, name: str) -> None:
        """Take the outlets of a module and of those below it."""
        try:
            module = import_module(name)
            below = [f"{name}.{one.name}" for one in pkgutil.iter_modules(getattr(module, "__path__", None) or ())]
            self._take(module)
        except Interrupted:
            raise
        except BaseException as error:  # noqa: BLE001 (whatever it does wrong, the others go on)
            self.broken[name] = account_of(error)
            return
        for module_below in below:
            self._load(module_below)

    def _take(self, module: ModuleType) -> None:
        # A package holds the modules below it, whose own code answers for other attributes.
        classes = [value for value in vars(module).values() if isinstance(value, type)]
        own: list[Any] = [
            one for one in classes if issubclass(one, Spider | Outlet) and one.__module__ == module.__name__
        ]
        for spider in own:
            if fault := _fault_of(spider):
                self._refuse(spider, fault)
            elif getattr(spider, "name", None):
                self._add(spider)

    def _add(self, outlet: type[Outlet]) -> None:
        """Take an outlet; of two with one name, the one whose file has that name too, or the first one."""
        other = self._by_name.setdefault(outlet.name, outlet)
        if _is_in_its_file(outlet) and not _is_in_its_file(other):
            self._by_name[outlet.name], outlet, other = outlet, other, outlet
        if outlet is not other:
            self._refuse(outlet, f"{outlet.name} is the name of an outlet in {other.__module__} too")

    def _refuse(self, spider: type, fault: str) -> None:
        self.broken[spider.__module__] = f"{fault} ({place_of(spider, ' name = ')})"


def _fault_of(spider: type[Any]) -> str | None:
    """Return why a spider is not a complete outlet; without a `name`, a class _Name is a base of others."""
    name = getattr(spider, "name", None)
    if not name and spider.__name__[0] == "_":
        return None
    if not name:
        return f"{spider.__name__} has no `name`; the class of a base of outlets begins with _"
    if not isinstance(name, str):
        return f"the name {name!r} is not a text"
    if not (issubclass(spider, Spider) and issubclass(spider, Outlet)):
        return f"{spider.__name__} is no NewsSpider"
    is_complete = spider.allowed_domains or name == GIVEN
    return None if is_complete else f"{spider.__name__} has no `allowed_domains`"


def _is_in_its_file(outlet: type[Outlet]) -> bool:
    return outlet.__module__.rpartition(".")[2] == outlet.name


def _has_article(outlet: type[Outlet], url: str) -> bool:
    return outlet.key_of(url) is not None


@contextmanager
def own_code(outlet: type, name: str, *others: type[Exception]) -> Iterator[None]:
    """Raise BrokenOutlet for whatever an outlet's own code does wrong, but for `others`."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, (*others, Interrupted)):
            raise
        raise BrokenOutlet(name, account_of(error, outlet)) from error


def is_of_an_outlet(error: BaseException) -> bool:
    """Return whether the code of an outlet raised an error, directly or in what it called."""
    return isinstance(error, WrongDeclaration | BrokenOutlet) or _place_in_outlet(error) is not None


def is_breaking(error: BaseException) -> bool:
    """Return whether a file, a process or state can't be used; an outlet's own code may raise the same errors."""
    return isinstance(error, BREAKING) and not is_of_an_outlet(error)


def account_of(error: BaseException, outlet: type | None = None) -> str:
    """Return an outlet's error in one line, with its file and line, or the outlet's if our own code raised it."""
    if isinstance(error, BrokenOutlet):
        return str(error)
    # An address in memory differs from run to run, and the same problem is reported once a day.
    message = re.sub(r" at 0x[0-9a-f]+", "", " ".join(f"{type(error).__name__}: {text_of(error)}".split()))
    if isinstance(error, SyntaxError) and error.filename:
        return f"{type(error).__name__}: {error.msg} ({error.filename}, line {error.lineno})"
    place = _place_in_outlet(error)
    if isinstance(error, WrongDeclaration):
        return f"{message} ({error.place})"
    if outlet is not None and place is None:
        return f"{message} ({place_of(outlet)})"
    place = place or traceback.extract_tb(error.__traceback__)[-1]
    if place.filename.startswith("<frozen"):
        return message  # the module itself is missing
    return f"{message} ({place.filename}, line {place.lineno})"


def _place_in_outlet(error: BaseException) -> traceback.FrameSummary | None:
    places = traceback.extract_tb(error.__traceback__)
    found = next((one for one in reversed(places) if not one.filename.startswith(NOT_AN_OUTLETS)), None)
    if found is None and isinstance(error.__cause__, StopIteration):
        # One of our generators turned it into an error of its own.
        return _place_in_outlet(error.__cause__)
    return found
