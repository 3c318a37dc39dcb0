"""Spiders from their modules, each module for itself: one that can't be imported takes no other outlet with it."""

from __future__ import annotations

import pkgutil
import sysconfig
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy.spiderloader import SpiderLoaderProtocol
from scrapy.utils.spider import iter_spider_classes

if TYPE_CHECKING:
    from types import ModuleType

    from scrapy import Request, Spider
    from scrapy.settings import BaseSettings

# Where the code lies that outlets call, or that calls them.
NOT_AN_OUTLETS = (str(Path(__file__).parent), sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), "<frozen")


class OutletLoader(SpiderLoaderProtocol):
    """The spiders of SPIDER_MODULES; `broken` says of each module that gave none why, in one line."""

    def __init__(self, settings: BaseSettings) -> None:
        self.broken: dict[str, str] = {}
        self._spiders: dict[str, type[Spider]] = {}
        for name in settings.getlist("SPIDER_MODULES"):
            for module in self._modules(name):
                self._take(module)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Load the spiders of the settings in use."""
        return cls(settings)

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider of a name. Raises KeyError."""
        return self._spiders[spider_name]

    def list(self) -> list[str]:
        """Return the names of all spiders."""
        return [*self._spiders]

    def find_by_request(self, request: Request) -> __builtins__.list[str]:
        """Return the names of the spiders that may ask for an address."""
        return [name for name, spider in self._spiders.items() if spider.handles_request(request)]

    def _modules(self, name: str) -> Iterator[ModuleType]:
        """Yield a module and all below it, as far as they can be imported."""
        try:
            module = import_module(name)
        except KeyboardInterrupt:
            raise  # one that is a SystemExit too: nothing is wrong with the module
        except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever it does wrong, the others go on)
            self.broken[name] = what_of(error)
            return
        yield module
        for below in pkgutil.iter_modules(getattr(module, "__path__", ())):
            yield from self._modules(f"{name}.{below.name}")

    def _take(self, module: ModuleType) -> None:
        for spider in iter_spider_classes(module):
            other = self._spiders.setdefault(spider.name, spider)
            if other is not spider:
                self.broken[module.__name__] = f"{spider.name} is the name of an outlet in {other.__module__} too"


def what_of(error: BaseException) -> str:
    """Return an error of an outlet's own code, with the file and line that it comes from, in one line."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    places = traceback.extract_tb(error.__traceback__)
    place = next((one for one in reversed(places) if not one.filename.startswith(NOT_AN_OUTLETS)), places[-1])
    return said if isinstance(error, SyntaxError) else f"{said} ({place.filename}, line {place.lineno})"
