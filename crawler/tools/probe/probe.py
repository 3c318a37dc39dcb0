"""Derive the declaration of an outlet from its site: find, learn, and try on articles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urljoin

from crawler.bengali.sections import is_other
from crawler.crawl.unrecorded import Answer, Fetch
from crawler.extraction.page.document import Document
from crawler.model.article import Article
from crawler.outlets.outlet import Outlet
from crawler.system.terminal import counted
from crawler.tools.probe.addresses import FEWEST, Pattern, learn
from crawler.tools.probe.module import Declaration
from crawler.tools.probe.pages import (
    NOT_GIVEN,
    document_of,
    home_of,
    identity_of,
    is_headline,
    is_national,
    is_same,
    last_step,
    links_of,
    required,
    unique,
)
from crawler.tools.probe.selectors import FIELDS, ReadPage, find_selectors, platform_of, read_page
from crawler.tools.probe.sources import SOURCES, find_national, find_sources

# The articles on which a declaration is tried.
ARTICLES = 5
# The addresses that are tried for them: some are gone or closed.
_TRIES = 8
# A page with fewer stories may show a pattern that is not the site's.
_ENOUGH = 8
# The characters of an example in the module.
_LONGEST = 100
# A selector of the text loses none of it with this share of its length.
_WHOLE = 0.8
_VALUES: dict[str, Callable[[Article], object]] = {
    "byline": lambda article: article.authors,
    "date": lambda article: article.published,
    "section_label": lambda article: article.section,
}
_PAGES = ("?page={page}", "page/{page}/", "{page}")


async def derive(url: str, fetch: Fetch, articles: Sequence[Answer] = ()) -> Declaration:
    """Return the declaration of a site by its front page or national section; its pattern may have no stories.

    `articles` are saved pages; without them the articles of the listing are fetched. Raises Refused.
    """
    first, failures = required(await fetch(url)), dict[str, str]()
    pages = [page for page in [document_of(first)] if page]
    given = {address: text for page in pages for address, text in links_of(page).items()}
    home = home_of(first.url, given)
    front = given if is_same(home, first.url) else await _links(fetch, home, pages, failures)
    national = first.url if _is_section(first.url, given, home) else find_national(front | given, home)
    listed = given if national and is_same(national, first.url) else await _links(fetch, national, pages, failures)
    pattern = _learned([given, listed, front], home)
    sources = await find_sources(fetch, home, None if national in failures else national, pages, pattern)
    links = unique(listed | given | front | sources.links)
    pattern = pattern or learn(links, home) or Pattern()
    sources.national = [one for one in sources.national if not pattern.matches(one)]
    sources.notes[:0] = [f"{url} could not be read: {reason}" for url, reason in failures.items()]
    answers = list(articles) or [answer async for answer in _fetched(fetch, pattern, links)]
    texts = [page for page in map(document_of, answers) if page]
    found = Declaration(first.url, home, identity_of([*texts, *pages], first.url), pattern, sources)
    found.others = _others(pattern, [*sources.national, home, *links])
    found.pages = _pages_of(national, listed)
    _try(found, answers)
    return found


async def _links(fetch: Fetch, url: str | None, pages: list[Document], failures: dict[str, str]) -> dict[str, str]:
    """Return the links of a further page, and add it to the pages or to the failures."""
    if url is None:
        return {}
    answer = await fetch(url)
    if page := document_of(answer):
        pages.append(page)
        return links_of(page)
    if answer.failure != NOT_GIVEN:
        failures[url] = answer.refusal or answer.failure or "it is not a page"
    return {}


def _is_section(url: str, links: Mapping[str, str], home: str) -> bool:
    """Return whether a given page is the national section, as its name says, or because it is no front page."""
    pattern = learn(links, home)
    if pattern is not None and pattern.matches(url):
        return False
    has_list = sum(map(is_headline, links.values())) >= FEWEST
    return is_national(url) or (not is_same(home, url) and has_list and not is_other(last_step(url)))


def _learned(listings: Sequence[Mapping[str, str]], home: str) -> Pattern | None:
    """Return the pattern of the first listing, with the next ones as long as it has too few stories."""
    everything = {url: text for listing in listings for url, text in listing.items()}
    links, pattern = dict[str, str](), None
    for listing in listings:
        links |= listing
        pattern = learn(links, home, everything)
        if pattern and sum(url in links for url in pattern.stories) >= _ENOUGH:
            return pattern
    return pattern


async def _fetched(fetch: Fetch, pattern: Pattern, urls: Iterable[str]) -> AsyncIterator[Answer]:
    count = 0
    for url in [one for one in urls if pattern.matches(one) and one not in pattern.false][:_TRIES]:
        answer = await fetch(url)
        count += not answer.failure and not answer.refusal
        if answer.failure != NOT_GIVEN:
            yield answer
        if count == ARTICLES:
            return


def _others(pattern: Pattern, urls: Sequence[str]) -> list[str]:
    """Return addresses of the site that are no articles, listings first."""
    return [url for url in unique(dict.fromkeys(urls, "")) if len(url) <= _LONGEST and not pattern.matches(url)]


def _pages_of(national: str | None, links: Mapping[str, str]) -> str | None:
    """Return the template of further pages that a listing links to."""
    return next((one for one in _PAGES if national and urljoin(national, one.format(page=2)) in links), None)


def _try(found: Declaration, answers: Sequence[Answer]) -> None:
    """Find platform and selectors by the articles, and read these again with them; drop what loses a field."""
    bare = [read_page(answer, found.outlet()) for answer in answers]
    found.platform = platform_of(bare)
    found.selectors = find_selectors(bare, found.platform)
    while True:
        found.tried = [read_page(answer, found.outlet()) for answer in answers]
        lost = {name for before, after in zip(bare, found.tried, strict=True) for name in _lost(before, after)}
        if own := lost & found.own_selectors.keys():
            found.selectors = {name: one for name, one in found.selectors.items() if name not in own}
        elif lost and found.platform is not Outlet:
            found.platform, found.selectors = Outlet, find_selectors(bare, Outlet)
        else:
            return


def _lost(before: ReadPage, after: ReadPage) -> Iterator[str]:
    """Yield the fields that a page had before."""
    if before.article is None:
        return
    if after.article is None:
        yield from FIELDS
        return
    if len(after.article.text) < _WHOLE * len(before.article.text):
        yield "container"
    yield from (name for name, value in _VALUES.items() if value(before.article) and not value(after.article))


def warnings_of(found: Declaration) -> Iterator[str]:
    """Yield why a declaration with a pattern can't be relied on."""
    if found.pattern.stories and not any(page.article for page in found.tried):
        reasons = ", ".join(sorted({page.refusal for page in found.tried if page.refusal})) or "no page was fetched"
        yield f"No article could be read ({reasons}): the selectors are unknown, and the pattern is not tried."


def report_of(found: Declaration) -> Iterator[str]:
    """Yield what is certain about a declaration, and what was not found."""
    if found.pattern.stories:
        yield from _results(found)
    else:
        yield "article: no pattern was found: too few links with headlines are alike"
    yield f"platform: {'none fits' if found.platform is Outlet else found.platform.__name__}"
    for name, selector in found.selectors.items():
        yield f"{name}: {selector.css} selects what extraction found on {selector.hits} of {selector.pages} pages"
    for attribute in () if found.pattern.stories else SOURCES:
        yield from (f"{attribute}: {getattr(one, 'url', one)}" for one in getattr(found.sources, attribute))
    yield from found.sources.notes
    missing = [name for name in FIELDS if name not in found.selectors and not getattr(found.platform, name)]
    missing += [name for name in SOURCES if not getattr(found.sources, name)]
    yield f"not found: {', '.join([*found.identity.missing, *missing])}"


def _results(found: Declaration) -> Iterator[str]:
    """Yield from how many addresses the pattern was learned, and how many articles could be read."""
    articles, false = [page.article for page in found.tried if page.article], found.pattern.false
    section = "" if "?P<section>" in found.pattern.expression else "; the address has no section"
    yield f"article: learned from {len(found.pattern.stories)} addresses{section}"
    if false:
        yield f"article also matches {counted(len(false), 'link')} without a headline, such as {false[0]}"
    dated, credited, filed = (
        sum(bool(_VALUES[name](article)) for article in articles) for name in ("date", "byline", "section_label")
    )
    pages = f"{len(articles)} of {len(found.tried)} pages are articles"
    yield f"{pages}; {dated} have a date, {credited} authors, {filed} a section"
    yield from (f"not an article: {page.refusal}: {page.url}" for page in found.tried if page.refusal)
