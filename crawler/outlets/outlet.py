"""Outlet: who publishes, where it lists its articles, and how its pages are read."""

import datetime
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lxml.html import HtmlElement

from crawler.model.addresses import clean, escaped, is_within
from crawler.model.article import Article
from crawler.outlets.interface import Interface
from crawler.outlets.sources import Feed, JsonSection, NewsSitemap, Section, Source, SourceByDay
from crawler.outlets.sources.json_listings import PLACES

# The declarations that are lists, and the kind of their elements.
LISTS: dict[str, tuple[type, ...]] = {
    "national": (str,),
    "sections": (Section, JsonSection),
    "feeds": (Source,),
    "news_sitemaps": (Source,),
    "days": (SourceByDay,),
}
# The time of an outlet's dates without a zone: the services for Bengali readers abroad use that of Dhaka.
TIME_ZONES = {"BD": "Asia/Dhaka", "IN": "Asia/Kolkata"} | dict.fromkeys(
    ("CN", "DE", "GB", "IR", "JP", "NL", "US"), "Asia/Dhaka"
)
KINDS = ("daily", "portal", "channel", "agency", "magazine", "service")


class WrongDeclaration(TypeError):
    """A class attribute of an outlet, named by `attribute`, is not of its kind."""

    def __init__(self, sentence: str, attribute: str) -> None:
        super().__init__(sentence)
        self.attribute = attribute


class Outlet:
    """The declarations and hooks of an outlet; as given here they declare nothing."""

    # Identity. `title` is in Bengali, `english` the name in English; `kind` is one of KINDS. `verified` is the month
    # (YYYY-MM) in which the declarations were last seen to work on the live site, or "unverified".
    name: str
    title: ClassVar[str] = ""
    english: ClassVar[str] = ""
    country: ClassVar[str] = "BD"
    time_zone: ClassVar[str] = TIME_ZONES["BD"]
    kind: ClassVar[str] = ""
    publisher: ClassVar[str] = ""
    verified: ClassVar[str] = "unverified"

    # Addresses. `article` matches an article's address from its start. It has the group key and, where the address
    # has them, section, year, month and day. `canonical` is a template over its groups.
    allowed_domains: list[str] = []
    home: str | None = None
    article: ClassVar[str | None] = None
    canonical: ClassVar[str | None] = None

    # Examples for the tests. `samples` has addresses of articles with their key and section, `aliases` other addresses
    # of articles with the canonical one, `others` addresses of the outlet that are no articles.
    samples: ClassVar[Mapping[str, tuple[str, str | None]]] = {}
    aliases: ClassVar[Mapping[str, str]] = {}
    others: ClassVar[Sequence[str]] = ()

    # Sources. `national` are section pages of national news, `pages` is the template of the pages after a first one,
    # `row_date` the selector of the dates in them. `national_sections` are words for it in addresses.
    national: ClassVar[Sequence[str]] = ()
    pages: ClassVar[str | None] = None
    row_date: ClassVar[str | None] = None
    feeds: ClassVar[Sequence[Feed]] = ()
    news_sitemaps: ClassVar[Sequence[NewsSitemap]] = ()
    sections: ClassVar[Sequence[Section | JsonSection]] = ()
    days: ClassVar[Sequence[SourceByDay]] = ()
    national_sections: ClassVar[Collection[str]] = ()

    # Pages. `interface` is for a site whose pages are empty without scripts. The others are CSS selectors; without one,
    # extraction searches.
    interface: ClassVar[Interface | None] = None
    container: ClassVar[str | None] = None
    headline: ClassVar[str | None] = None
    byline: ClassVar[str | None] = None
    date: ClassVar[str | None] = None
    section_label: ClassVar[str | None] = None
    unwanted: ClassVar[str | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Set the time zone of the country. Raise ValueError for invalid declarations when the module is loaded."""
        super().__init_subclass__(**options)
        if "country" in cls.__dict__ and "time_zone" not in cls.__dict__:
            cls.time_zone = TIME_ZONES[cls.country]
        try:
            cls.zone()
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{cls.__name__}.time_zone={cls.time_zone!r} is no time zone") from error
        if cls.article is not None and "key" not in re.compile(cls.article).groupindex:
            raise ValueError(f"{cls.__name__}.article={cls.article!r} has no group 'key'")
        if cls.interface is not None:
            cls._check_interface(cls.interface)

    @classmethod
    def _check_interface(cls, interface: object) -> None:
        """Raise ValueError unless articles and interface lead to each other: by their groups, host and `canonical`."""
        name = f"{cls.__name__}.interface"
        if not isinstance(interface, Interface):
            raise ValueError(f"{name} must be an Interface, not {interface!r}")
        groups, known = set(PLACES.findall(interface.url)), re.compile(cls.article or "").groupindex.keys()
        if "key" not in groups or not groups <= known:
            raise ValueError(f"{name}: {interface.url} must have {{key}}, and only groups of `article`")
        if not is_within(interface.url, cls.allowed_domains):
            raise ValueError(f"{name}: the host of {interface.url} is not in allowed_domains")
        if cls.canonical is None or not set(PLACES.findall(cls.canonical)) <= groups:
            raise ValueError(f"{name} needs `canonical`, with no other groups than {interface.url}")

    @classmethod
    def zone(cls) -> ZoneInfo:
        return ZoneInfo(cls.time_zone)

    @classmethod
    def key_of(cls, url: str) -> str | None:
        """Return the outlet's own article key in an address, None if it is no article's."""
        match = cls._match(url)
        return escaped(match["key"]) if match else None

    @classmethod
    def listed_key(cls, url: str) -> str:
        """Return the key of a listed article: its own, else its address."""
        return cls.key_of(url) or url

    @classmethod
    def article_key(cls, url: str, canonical: str) -> str:
        """Return the key of an article by its address, else by the canonical one in its page."""
        return cls.key_of(url) or cls.key_of(canonical) or canonical

    @classmethod
    def section_of(cls, url: str) -> str | None:
        match = cls._match(url)
        return match.groupdict().get("section") if match else None

    @classmethod
    def canonical_url(cls, url: str) -> str:
        """Return the address without aliases, decoration and tracking parameters."""
        match = cls._match(url)
        return cls.canonical.format(**match.groupdict(default="")) if match and cls.canonical else clean(url)

    @classmethod
    def address_of_text(cls, url: str) -> str:
        """Return the address to fetch for an article: its own, or that of the interface."""
        match = cls._match(url)
        return cls.interface.url.format(**match.groupdict(default="")) if cls.interface and match else url

    @classmethod
    def day_of(cls, url: str) -> datetime.date | None:
        """Return the day in an article's address, None where the outlet does not put it there."""
        match = cls._match(url)
        try:
            return datetime.date(*(int(match[part]) for part in ("year", "month", "day"))) if match else None
        except (IndexError, TypeError, ValueError):
            return None  # it lacks a part, or has no day of the calendar

    @classmethod
    def sources(cls) -> list[Source]:
        """Return every declared source, in the order of their requests."""
        sections = [*(Section(address, national=True) for address in cls.national), *cls.sections]
        return [*map(cls._completed, sections), *cls.feeds, *cls.news_sitemaps, *cls.days]

    @classmethod
    def _completed(cls, section: Source) -> Source:
        """Return a section page with the outlet's values for those that it does not state."""
        if not isinstance(section, Section):
            return section
        return replace(section, pages=section.pages or cls.pages, dates=section.dates or cls.row_date)

    @classmethod
    def check_sources(cls) -> None:
        """Raise WrongDeclaration for a source of the wrong kind, such as a bare address among `feeds`."""
        for name, kinds in LISTS.items():
            declared = getattr(cls, name)
            wrong = [declared] if isinstance(declared, str) else [one for one in declared if not isinstance(one, kinds)]
            if wrong:
                raise WrongDeclaration(
                    f"{cls.__name__}.{name} must be a list of {kinds[0].__name__}, not {wrong[0]!r}", name
                )
        addresses = Counter(source.url for source in cls.sources())
        if several := [address for address, number in addresses.items() if number > 1]:
            # Health and state know a source by its address.
            raise WrongDeclaration(f"{cls.__name__} has two sources at {several[0]}: add a query to one", "sources")

    @classmethod
    def prepare(cls, document: HtmlElement) -> None:
        """Change a parsed page before extraction; must work without network."""

    @classmethod
    def finish(cls, article: Article, document: HtmlElement) -> None:
        """Correct an article after extraction; must work without network."""

    @classmethod
    def _match(cls, url: str) -> re.Match[str] | None:
        match = re.match(cls.article, url) if cls.article else None
        return cls.interface.match(url) if cls.interface and not match else match
