"""The checks of an outlet's declarations when its module is loaded: a mistake breaks this outlet alone."""

import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, wraps
from importlib.resources import files
from ipaddress import ip_address
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import HTMLTranslator
from lxml.etree import XPath
from lxml.html import fromstring
from scrapy import Spider

from crawler.model.addresses import is_web_address, is_within
from crawler.outlets.interface import Interface
from crawler.outlets.sources import Feed, GraphQL, JsonSection, NewsSitemap, Section, Source, SourceByDay
from crawler.outlets.sources.by_day import template_problem
from crawler.outlets.sources.json_listings import PLACES

SELECTORS = ("row_date", "container", "headline", "byline", "date", "section_label", "unwanted")
TEXTS = ("title", "english", "country", "time_zone", "kind", "publisher", "verified")
# The methods that give a text, or none: another value would fail far from the outlet's code, beside other outlets.
ANSWERS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("key_of", "section_of"), (str, NoneType)),
    **dict.fromkeys(("listed_key", "article_key", "canonical_url", "address_of_text"), (str,)),
}
EMPTY = fromstring("<p>")
# None where an outlet has none.
OPTIONAL = ("home", "article", "canonical", "pages", *SELECTORS)
DICTIONARIES = ("samples", "aliases", "custom_settings")
# The declarations that are lists, and the kinds of their elements.
LISTS: dict[str, tuple[tuple[type, ...], str]] = {
    "allowed_domains": ((str,), "texts"),
    "national": ((str,), "addresses"),
    "sections": ((Section, JsonSection), "Section(…) or another source of the newest articles"),
    "feeds": ((Feed,), "Feed(…)"),
    "news_sitemaps": ((NewsSitemap,), "NewsSitemap(…)"),
    "days": ((SourceByDay,), "sources by day, such as DailySitemap(…)"),
    "national_sections": ((str,), "texts"),
    "others": ((str,), "addresses"),
}
SOURCES = ("national", "sections", "feeds", "news_sitemaps", "days")
KINDS = ("daily", "portal", "channel", "agency", "magazine", "service")
NAME = re.compile(r"[a-z0-9_]{1,64}")
MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])|unverified")
# The last label of a name is never a number: that would be an IP address.
DOMAIN = re.compile(r"(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-|\d+$)[a-z0-9-]{1,63}(?<!-)")

# Scrapy's components read these from a spider, but none of its classes has them.
OF_SCRAPY = (
    *("download_maxsize", "download_timeout", "download_warnsize", "handle_httpstatus_all", "handle_httpstatus_list"),
    *("http_auth_domain", "http_pass", "http_user", "user_agent"),
)
HOOKS = ("finish", "prepare")
# Groups of `article` that many articles share.
NOT_NAMING = ("key", "section", "year", "month", "day")


class WrongDeclaration(ValueError):
    """A declaration of an outlet, or an answer of its own code, is not valid; `place` is its file and line."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem)
        self.place = place


def place_of(outlet: type, *texts: str) -> str:
    """Return file and line where one of these texts is in an outlet's class, the line of the class where none is."""
    file = sys.modules[outlet.__module__].__file__
    try:
        lines, first = inspect.getsourcelines(outlet)
    except OSError:  # a class without a source of its own
        return f"{file}, line 1"
    number = next((number for number, line in enumerate(lines, first) if any(text in line for text in texts)), first)
    return f"{file}, line {number}"


def check(outlet: type[Any]) -> None:
    """Raise WrongDeclaration for the first declaration of a new class that is not valid."""
    for attribute, problem in _problems(outlet):
        raise WrongDeclaration(
            f"{outlet.__name__}.{attribute}{problem}", place_of(outlet, f" {attribute} = ", f"def {attribute}(")
        )


def check_answers(outlet: type[Any]) -> None:
    """Let the methods of a new class that give texts raise WrongDeclaration for another answer."""
    for name, kinds in ANSWERS.items():
        if isinstance(method := vars(outlet).get(name), classmethod):
            setattr(outlet, name, classmethod(_checked(name, kinds, method.__func__)))


def _checked(name: str, kinds: tuple[type, ...], method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def checked(outlet: type, *given: Any, **named: Any) -> Any:
        answer = method(outlet, *given, **named)
        if not isinstance(answer, kinds) or (isinstance(answer, str) and not _is_text(answer)):
            problem = f"{outlet.__name__}.{name} returned {answer!r}, which is not a text"
            raise WrongDeclaration(problem, place_of(outlet, f"def {name}("))
        return answer

    return checked


def _is_text(answer: str) -> bool:
    """Return whether a string can be stored: bytes of a file name may be in it as halves of characters."""
    try:
        answer.encode()
    except UnicodeEncodeError:
        return False
    return True


def _problems(outlet: type[Any]) -> Iterator[tuple[str, str]]:
    """Yield the name of each invalid declaration, and what follows it in the sentence."""
    yield from _unknown_names(outlet)
    yield from _wrong_kinds(outlet)
    yield from _wrong_examples(outlet)
    yield from _wrong_identity(outlet)
    yield from _wrong_addresses(outlet)
    yield from _wrong_sources(outlet)
    for name in SELECTORS:
        if (selector := vars(outlet).get(name)) and (problem := selector_problem(selector)):
            yield name, f"={selector!r} {problem}"
    if outlet.interface is not None:
        yield from (("interface", problem) for problem in _interface_problems(outlet, outlet.interface))


def _unknown_names(outlet: type[Any]) -> Iterator[tuple[str, str]]:
    classes = (*outlet.__mro__[1:], Spider)
    known = {name for one in classes for name in (*vars(one), *vars(one).get("__annotations__", ()))} | {*OF_SCRAPY}
    methods = {name for one in classes for name, value in vars(one).items() if _is_method(value)}
    for name, value in vars(outlet).items():
        is_method = _is_method(value)
        if name in methods and not is_method and name[:2] != "__":
            near = get_close_matches(name, known - methods, 1, 0.6)
            yield name, " is a method, not a declaration" + (f": did you mean `{near[0]}`?" if near else "")
        if name in known or name[0] == "_" or name[0].isupper():
            continue
        near = get_close_matches(name, HOOKS if is_method else known, 1, 0.8 if is_method else 0.6)
        if near:
            yield name, f" is not a declaration: did you mean `{near[0]}`?"
        elif not is_method:
            yield name, " is not a declaration; a name of your own begins with _ or a capital letter"


def _is_method(value: Any) -> bool:
    return callable(value) or isinstance(value, classmethod | staticmethod | property)


def _wrong_kinds(outlet: type[Any]) -> Iterator[tuple[str, str]]:
    for name in (*TEXTS, *OPTIONAL):
        value = getattr(outlet, name)
        if not isinstance(value, str) and (value is not None or name in TEXTS):
            yield name, f" must be a text, not {value!r}"
        if value == "" and name in OPTIONAL:
            yield name, "='' is empty: remove it, or write None"
    for name, (kinds, noun) in LISTS.items():
        declared = getattr(outlet, name)
        is_list = isinstance(declared, list | tuple | set | frozenset)
        wrong = [one for one in declared if not isinstance(one, kinds)] if is_list else [declared]
        if wrong:
            yield name, f" must be a list of {noun}, not {wrong[0]!r}"
    for name in DICTIONARIES:
        value = getattr(outlet, name, None)  # Scrapy's spiders have `custom_settings`
        if not isinstance(value, Mapping) and (value is not None or name != "custom_settings"):
            yield name, f" must be a dictionary, not {value!r}"
    for name in (*HOOKS, *ANSWERS):
        if name in vars(outlet) and not isinstance(vars(outlet)[name], classmethod):
            yield name, " must be a class method: write @classmethod above it"


def _wrong_examples(outlet: type[Any]) -> Iterator[tuple[str, str]]:
    for address, example in outlet.samples.items():
        key, section = example if isinstance(example, tuple) and len(example) == 2 else (None, None)
        if not (isinstance(address, str) and isinstance(key, str) and isinstance(section, str | None)):
            yield "samples", f' must have lines like "https://…": ("key", "section"), not {address!r}: {example!r}'
    for address, canonical in outlet.aliases.items():
        if not (isinstance(address, str) and isinstance(canonical, str)):
            yield "aliases", f' must have lines like "https://…": "https://…", not {address!r}: {canonical!r}'


def _wrong_identity(outlet: type[Any]) -> Iterator[tuple[str, str]]:
    name = vars(outlet).get("name", "")
    # It is a part of the names of folders and files.
    if isinstance(name, str) and name and not NAME.fullmatch(name):
        yield "name", f"={name!r} may have small letters, digits and _ only, 64 at most"
    if outlet.country not in _countries():
        yield "country", f"={outlet.country!r} is not a country code of ISO 3166, such as BD"
    if not outlet.time_zone:
        yield "country", f"={outlet.country!r} needs a `time_zone` beside it"
    try:
        ZoneInfo(outlet.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "time_zone", f"={outlet.time_zone!r} is not a time zone, such as Asia/Dhaka"
    if outlet.kind and outlet.kind not in KINDS:
        yield "kind", f"={outlet.kind!r} is not one of {', '.join(KINDS)}"
    if not MONTH.fullmatch(outlet.verified):
        yield "verified", f'={outlet.verified!r} is neither a month, such as 2026-11, nor "unverified"'


@cache
def _countries() -> set[str]:
    table = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8")
    return {line[:2] for line in table.splitlines() if not line.startswith("#")}


def _wrong_addresses(outlet: type[Any]) -> Iterator[tuple[str, str]]:
    for domain in outlet.allowed_domains:
        if not is_domain(domain):
            yield "allowed_domains", f": {domain!r} is not a domain, such as example.com"
    if outlet.home is not None and not is_web_address(outlet.home):
        yield "home", f"={outlet.home!r} is not a web address"
    groups = dict[str, str]()
    if outlet.article is not None:
        try:
            groups = dict.fromkeys(re.compile(outlet.article).groupindex, "")
        except re.error as error:
            yield "article", f"={outlet.article!r} is not a regular expression: {error}"
        if "key" not in groups:
            yield "article", f"={outlet.article!r} has no group (?P<key>…)"
        if not outlet.article.startswith(("http", "^http")):
            yield "article", f"={outlet.article!r} must match whole addresses: begin with ^https?://"
    if outlet.canonical is not None:
        # A group may hold the key, such as the whole path.
        naming = ["key", *(group for group in groups if group not in NOT_NAMING)]
        problem = template_problem(outlet.canonical, groups, naming)
        if problem or not is_web_address(PLACES.sub("0", outlet.canonical)):
            yield "canonical", f"={outlet.canonical!r} {problem or 'is not a web address'}"
    if outlet.pages is not None and (problem := template_problem(outlet.pages, {"page": 2}, ["page"])):
        yield "pages", f"={outlet.pages!r} {problem}"


def is_domain(text: str) -> bool:
    """Return whether a text is an IP address, a name with a dot, or localhost; IDNA drops what nobody sees."""
    try:
        ip_address(text)
    except ValueError:
        try:
            is_whole = text.isprintable() and ("." in text or text == "localhost")
            return is_whole and DOMAIN.fullmatch(text.encode("idna").decode()) is not None
        except UnicodeError:
            return False
    return True


def _wrong_sources(outlet: type[Any]) -> Iterator[tuple[str, str]]:
    addresses = Counter[str]()
    for name in SOURCES:
        for declared in getattr(outlet, name):
            source = Section(declared) if isinstance(declared, str) else declared
            addresses[source.url] += 1
            # Health and state know a source by its address.
            if addresses[source.url] > 1:
                yield name, f" has {source.url} for the second time: add a query to one"
            yield from ((name, f": {problem}") for problem in _source_problems(source.at(outlet.home)))


def _source_problems(source: Source) -> Iterator[str]:
    if not source.url:
        yield "'' is not an address"
    if source.url.partition("?")[0].count("://") > 1:
        yield f"{source.url!r} is two addresses: write a comma between them"
    # A path without `home` is checked at the start of a crawl: from_crawler may set one.
    if not (source.url.startswith("/") or is_web_address(PLACES.sub("0", source.url))):
        yield f"{source.url!r} is not a web address"
    if not isinstance(source, SourceByDay):
        has_pages = isinstance(source, JsonSection) and not isinstance(source, GraphQL)
        if problem := template_problem(source.url, {"page": 2, "offset": 10} if has_pages else {}):
            yield f"{source.url!r} {problem}"
    pages = getattr(source, "pages", None)
    if pages is not None and (problem := template_problem(pages, {"page": 2}, ["page"])):
        yield f"{pages!r} {problem}"
    link = getattr(source, "link", "")
    if re.search("[{}]", PLACES.sub("", link)):
        yield f"{link!r} has a brace without its partner"
    if isinstance(source, GraphQL) and not source.query:
        yield f"{source.url} has no `query`"
    for selector in (getattr(source, name, None) for name in ("links", "dates")):
        if selector is not None and (problem := selector_problem(selector)):
            yield f"{selector!r} {problem}"


def _interface_problems(outlet: type[Any], interface: object) -> Iterator[str]:
    """Yield why articles and interface don't lead to each other: by their groups, host and `canonical`."""
    if not isinstance(interface, Interface):
        yield f" must be an Interface, not {interface!r}"
        return
    groups, known = set(PLACES.findall(interface.url)), re.compile(outlet.article or "").groupindex.keys()
    if "key" not in groups or not groups <= known:
        yield f": {interface.url} must have {{key}}, and only groups of `article`"
    if not is_within(interface.url, outlet.allowed_domains):
        yield f": the host of {interface.url} is not in allowed_domains"
    if outlet.canonical is None or not set(PLACES.findall(outlet.canonical)) <= groups:
        yield f" needs `canonical`, with no other groups than {interface.url}"


def selector_problem(selector: str) -> str | None:
    """Return the predicate of the sentence about a text that is not a CSS selector."""
    try:
        # A few, such as one with the prefix of a namespace, fail only when a page is read.
        XPath(HTMLTranslator().css_to_xpath(selector))(EMPTY)
    except Exception as error:  # noqa: BLE001 (of two libraries, for whatever is in a text)
        return f"is not a CSS selector: {error}"
    return None
