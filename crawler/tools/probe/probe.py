"""Derive the declaration of an outlet from its site: find, learn, and try on articles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from urllib.parse import urljoin

from scrapy import Request

from crawler.bengali.sections import is_other
from crawler.crawl.unrecorded import Answer, Fetch
from crawler.extraction.page.document import Document
from crawler.model.article import Article
from crawler.outlets.outlet import Outlet
from crawler.tools.probe.addresses import FEWEST, Pattern, learn
from crawler.tools.probe.module import Declaration
from crawler.tools.probe.pages import (
    NOT_GIVEN,
    document_of,
    home_of,
    is_headline,
    is_national,
    last_step,
    links_of,
    required,
)
from crawler.tools.probe.selectors import FIELDS, find_selectors, holds_text, read_page
from crawler.tools.probe.sources import find_national, find_sources
from crawler.tools.probe.systems import identity_of, system_of

# The articles on which a declaration is tried.
ARTICLES = 5
# The addresses that are tried for them: some are gone or closed.
_TRIES = 8
# Examples in the report, and the characters of an example in the module.
_EXAMPLES, _LONGEST = 3, 100
_VALUES: dict[str, Callable[[Article], object]] = {
    "date": lambda article: article.published,
    "authors": lambda article: article.authors,
    "section": lambda article: article.section,
}
_PAGES = ("?page={page}", "page/{page}/", "{page}")


def saved(pages: dict[str, Answer]) -> Fetch:
    """Return a function that fetches from saved pages, by their addresses."""

    async def fetch(address: str | Request) -> Answer:
        url = address if isinstance(address, str) else address.url
        return pages.get(url) or Answer(url, failure=NOT_GIVEN)

    return fetch


async def derive(url: str, fetch: Fetch, articles: Sequence[Answer] = ()) -> Declaration | None:
    """Return the declaration of a site by its front page or national section, None without a pattern.

    `articles` are saved pages; without them the articles of the listing are fetched. Raises Refused.
    """
    first = required(await fetch(url))
    pages = [page for page in [document_of(first)] if page]
    links = {address: text for page in pages for address, text in links_of(page).items()}
    home = home_of(first.url, [first.url, *links] if first.url.endswith("/") else links)
    has_list = sum(map(is_headline, links.values())) >= FEWEST
    may_be_national = home != first.url and has_list and not is_other(last_step(first.url))
    is_section = is_national(first.url) or may_be_national
    national = first.url if is_section else find_national(links, home)
    listed = links
    for other in dict.fromkeys(one for one in (home, national or home) if one != first.url):
        if page := document_of(await fetch(other)):
            pages.append(page)
            links = {**links_of(page), **links}
            listed = links_of(page) if other == national else listed
    sources = await find_sources(fetch, home, national, pages)
    links = {**sources.links, **links, **listed}
    pattern = learn(links, home)
    if pattern is None:
        return None
    answers = list(articles) or [answer async for answer in _fetched(fetch, pattern, [*listed, *links])]
    found = Declaration(first.url, home, identity_of(_documents(pages, answers), first.url), pattern, sources)
    found.others = _others(found, [*sources.national, home, *links])
    found.pages = _pages_of(national, listed)
    _try(found, answers)
    return found


async def _fetched(fetch: Fetch, pattern: Pattern, urls: Sequence[str]) -> AsyncIterator[Answer]:
    count = 0
    for url in [one for one in dict.fromkeys(urls) if one in pattern.stories][:_TRIES]:
        answer = await fetch(url)
        count += not answer.failure and not answer.refusal
        if answer.failure != NOT_GIVEN:
            yield answer
        if count == ARTICLES:
            return


def _documents(pages: Sequence[Document], answers: Sequence[Answer]) -> list[Document]:
    return [*(page for page in map(document_of, answers) if page), *pages]


def _others(found: Declaration, urls: Sequence[str]) -> list[str]:
    """Return addresses of the site that are no articles, listings first."""
    apart: dict[str, str] = {}
    for url in urls:
        apart.setdefault(url.rstrip("/"), url)
    return [url for url in apart.values() if len(url) <= _LONGEST and not found.pattern.matches(url)]


def _pages_of(national: str | None, links: Sequence[str] | dict[str, str]) -> str | None:
    """Return the template of further pages that a listing links to."""
    places = [place for place in _PAGES if national and urljoin(national, place.format(page=2)) in links]
    return places[0] if places else None


def _try(found: Declaration, answers: Sequence[Answer]) -> None:
    """Find platform and selectors by the articles."""
    read = [answer for answer in answers if not answer.failure and not answer.refusal]
    found.system, platform = system_of([answer.body for answer in read])
    found.tried = [read_page(answer, found.outlet()) for answer in answers]
    articles = [page for page in found.tried if page.article]
    if platform and 2 * sum(holds_text(page, platform) for page in articles) > len(articles):
        found.platform = platform
    found.selectors = find_selectors(found.tried, found.platform)


def report_of(found: Declaration) -> Iterator[str]:
    """Yield what is certain about a declaration, and what was not found."""
    stories, articles = found.pattern.stories, [page.article for page in found.tried if page.article]
    section = "with" if "?P<section>" in found.pattern.path else "without"
    yield f"article: learned from {len(stories)} addresses, {section} a section"
    yield f"articles tried: {len(found.tried)}; with a text: {len(articles)}, " + ", ".join(
        f"{name}: {sum(bool(value(article)) for article in articles)}" for name, value in _VALUES.items()
    )
    yield from (f"not an article: {page.refusal}: {page.url}" for page in found.tried if page.refusal)
    yield f"publishing system: {found.system or 'unknown'}; platform: {_platform(found)}"
    for name, selector in found.selectors.items():
        yield f"{name}: {selector.css} is right on {selector.hits} of {selector.pages} pages"
    yield from found.sources.notes
    for url in found.pattern.false[:_EXAMPLES]:
        yield f"article also matches {url}, one of {len(found.pattern.false)} links that may be other pages"
    missing = [name for name in FIELDS if name not in found.selectors and not getattr(found.platform, name)]
    missing += [name for name in ("national", "feeds", "news_sitemaps", "days") if not getattr(found.sources, name)]
    yield f"not found: {', '.join([*found.identity.missing, *missing])}"


def _platform(found: Declaration) -> str:
    return "none" if found.platform is Outlet else found.platform.__name__
