"""Write a declaration as the module of a spider."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from crawler.model.addresses import host_of
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources import Source, SourceByDay
from crawler.system.terminal import printable
from crawler.tools.probe.addresses import Pattern
from crawler.tools.probe.pages import Identity
from crawler.tools.probe.selectors import ReadPage, Selector
from crawler.tools.probe.sources import Sources

_WIDTH = 120
_OTHERS = 2
_INDENT = "    "


@dataclass(slots=True)
class Declaration:
    """All that a probe found; `tried` are the articles by which it found the `selectors`, the platform's included."""

    url: str
    home: str
    identity: Identity
    pattern: Pattern
    sources: Sources
    platform: type[Outlet] = Outlet
    selectors: dict[str, Selector] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    pages: str | None = None
    tried: list[ReadPage] = field(default_factory=list)

    @property
    def domain(self) -> str:
        return host_of(self.url).removeprefix("www.")

    @property
    def own_selectors(self) -> dict[str, Selector]:
        """The selectors that the platform does not declare."""
        return {name: one for name, one in self.selectors.items() if one.css != getattr(self.platform, name)}

    def outlet(self) -> type[Outlet]:
        """Return the declaration as an outlet without a module."""
        values: dict[str, Any] = {one: selector.css for one, selector in self.own_selectors.items()}
        values |= {"name": "probed", "article": self.pattern.expression, "allowed_domains": [self.domain]}
        return type("Probed", (self.platform,), {**values, "country": self.identity.country})


def name_of(url: str, home: str) -> str:
    """Return the name of an outlet: of its host, or of the front page's path on a host without a name."""
    host, path = host_of(url).removeprefix("www."), urlsplit(home).path.strip("/")
    has_name = re.search("[a-z]", host) is not None and host != "localhost"
    labels = [label for label in host.split(".") if label not in ("bangla", "bn", "m", "online")] if has_name else []
    word = re.sub(r"[^a-z0-9]+", "_", (labels[0] if labels else path or "site").lower()).strip("_")
    return word if re.match("[a-z]", word) else f"site_{word}"


def module_of(found: Declaration, name: str) -> str:
    """Return the text of the module."""
    has_platform = found.platform is not Outlet
    bases = f"{found.platform.__name__}, NewsSpider" if has_platform else "NewsSpider"
    kinds = sorted({type(one).__name__ for one in _declared(found.sources)})
    imports = ["from crawler.crawl.spider import NewsSpider"]
    imports += [f"from crawler.outlets.platforms import {found.platform.__name__}"] if has_platform else []
    imports += [f"from crawler.outlets.sources import {', '.join(kinds)}"] if kinds else []
    title = " ".join((found.identity.title or name.title()).replace("\\", "").replace('"', "'").split())
    statement = f"class {name.title().replace('_', '')}Spider({bases}):"
    head = [f'"""{title}, {found.identity.kind}."""', "", *imports, "", "", statement]
    article = 'article = r"{}"'.format(found.pattern.expression.replace('"', "%22"))
    body = [*_identity(found, name), article if _fits(article) else f"{article}  # noqa: E501", *_sources(found)]
    body += [f"{one} = {_text(selector.css)}" for one, selector in found.own_selectors.items()]
    body += [*_sample(found), *_list("others", [_text(url) for url in found.others[:_OTHERS]])]
    # The texts are the site's: no sign of theirs may change how the module looks or what it does.
    return "\n".join(map(printable, [*head, *(f"{_INDENT}{line}" for line in body), ""]))


def _declared(sources: Sources) -> list[Source]:
    return [*sources.feeds, *sources.news_sitemaps, *sources.days]


def _identity(found: Declaration, name: str) -> Iterator[str]:
    one = found.identity
    values = {"name": name, "title": one.title, "english": one.english, "kind": one.kind}
    yield from (f"{key} = {_text(value or name.replace('_', ' ').title())}" for key, value in values.items())
    if one.country != "BD":
        yield f"country = {_text(one.country)}"
    guessed = [key for key in values if key in one.missing]
    check = f"Check, because the site does not state it: {', '.join(guessed)}. " if guessed else ""
    yield f"# {check}Missing: publisher, the company or group."
    yield f"allowed_domains = [{_text(found.domain)}]"


def _fits(line: str) -> bool:
    return len(line) + len(_INDENT) <= _WIDTH


def _sources(found: Declaration) -> Iterator[str]:
    sources = found.sources
    if sources.national:
        yield from _list("national", [_text(url) for url in sources.national])
    else:
        yield "# Missing: national, the page of the national section."
    if found.pages and found.pages != found.platform.pages:
        yield f"pages = {_text(found.pages)}"
    for attribute in ("feeds", "news_sitemaps", "days"):
        yield from _list(attribute, [_source(one) for one in getattr(sources, attribute)])


def _source(source: Source) -> str:
    options = [_text(source.url), *(["national=True"] if source.national else [])]
    if isinstance(source, SourceByDay) and source.since:
        options.append(f"since={_text(source.since)}")
    return f"{type(source).__name__}({', '.join(options)})"


def _sample(found: Declaration) -> Iterator[str]:
    """Yield an example of the pattern: an article that was read, in a section if one is."""
    outlet = found.outlet()
    read = [page.url for page in found.tried if page.article and outlet.key_of(page.url)]
    urls = sorted([*read, *found.pattern.stories], key=lambda url: outlet.section_of(url) is None)
    if (url := next(iter(urls), None)) is not None:
        key, section = _text(outlet.key_of(url) or ""), outlet.section_of(url)
        example = f"{_text(_short(url, outlet))}: ({key}, {_text(section) if section else None})"
        yield from _list("samples", [example], "{}")


def _short(url: str, outlet: type[Outlet]) -> str:
    """Return an address without the slug after its key, if it has the same key without it."""
    match = re.match(outlet.article or "", url)
    short = url[: match.end()].rstrip("?&#") if match else url
    return short if outlet.key_of(short) == outlet.key_of(url) else url


def _list(attribute: str, items: Sequence[str], brackets: str = "[]") -> Iterator[str]:
    """Yield a list, on one line if it fits."""
    whole = f"{attribute} = {brackets[0]}{', '.join(items)}{brackets[1]}"
    if items and _fits(whole):
        yield whole
    elif items:
        yield from (f"{attribute} = {brackets[0]}", *(f"{_INDENT}{item}," for item in items), brackets[1])


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
