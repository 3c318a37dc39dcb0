"""Outlet: who publishes, where it lists its articles, and how its pages are read."""

import datetime
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from crawler.model.addresses import clean, escaped
from crawler.model.article import Article
from crawler.outlets.declarations import check, check_answers
from crawler.outlets.interface import Interface
from crawler.outlets.sources import Feed, JsonSection, NewsSitemap, Section, Source, SourceByDay
from crawler.system.terminal import Interrupted

# The time of an outlet's dates without a zone: the services for Bengali readers abroad use that of Dhaka.
TIME_ZONES = {"BD": "Asia/Dhaka", "IN": "Asia/Kolkata"} | dict.fromkeys(
    ("CN", "DE", "GB", "IR", "JP", "NL", "US"), "Asia/Dhaka"
)


def own_exit(error: BaseException) -> RuntimeError:
    """Return an error of an outlet's own code as one of its page: as it is, it would end more than that."""
    sentence = f"the outlet's code raises {type(error).__name__}: {text_of(error)}"
    return RuntimeError(sentence).with_traceback(error.__traceback__)


def text_of(error: BaseException) -> str:
    """Return the text of an error, which may be an outlet's own class with a fault of its own."""
    try:
        return str(error).encode(errors="backslashreplace").decode()  # it may hold bytes of a file name
    except Interrupted:
        raise
    except BaseException as other:  # noqa: BLE001 (its class names it too)
        return f"its text can't be read ({type(other).__name__})"


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
        """Set the time zone of the country. Raise WrongDeclaration when the module is loaded."""
        super().__init_subclass__(**options)
        if "country" in vars(cls) and "time_zone" not in vars(cls):
            # Without a zone, the check of `time_zone` names the country.
            cls.time_zone = TIME_ZONES.get(str(cls.country), "")
        check(cls)
        check_answers(cls)

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
    def prepare(cls, document: HtmlElement) -> None:
        """Change a parsed page before extraction; must work without network."""

    @classmethod
    def finish(cls, article: Article, document: HtmlElement) -> None:
        """Correct an article after extraction; must work without network."""

    @classmethod
    def _match(cls, url: str) -> re.Match[str] | None:
        match = re.match(cls.article, url) if cls.article else None
        return cls.interface.match(url) if cls.interface and not match else match
