"""The outlets there are, and whose article an address is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Self

from scrapy.settings import BaseSettings

from crawler.addresses import is_within
from crawler.outlet_loader import OutletLoader
from crawler.spider import NewsSpider


class Outlets:
    """The spider classes of the settings in use, by name and by address."""

    unknown: type[NewsSpider] = NewsSpider

    def __init__(self, outlets: Iterable[type[NewsSpider]], broken: Mapping[str, str] = MappingProxyType({})) -> None:
        """Take the spiders, and why each module that may hold others can't be loaded."""
        self._by_name = {outlet.name: outlet for outlet in outlets}
        self.broken = broken

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Load the spiders of SPIDER_MODULES."""
        loader = OutletLoader.from_settings(settings)
        spiders = [loader.load(name) for name in sorted(loader.list())]
        return cls((spider for spider in spiders if issubclass(spider, NewsSpider)), loader.broken)

    def __iter__(self) -> Iterator[type[NewsSpider]]:
        """Yield the outlets in the order of their names."""
        return iter(self._by_name.values())

    def named(self, name: str) -> type[NewsSpider] | None:
        """Return the outlet of a name, or None."""
        return self._by_name.get(name)

    def of(self, url: str) -> type[NewsSpider] | None:
        """Return the outlet whose article an address is, by host and pattern, or None."""
        for outlet in self._by_name.values():
            if is_within(url, outlet.allowed_domains) and outlet.key_of(url) is not None:
                return outlet
        return None
