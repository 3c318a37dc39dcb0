"""A page and the rules of its outlet to an article."""

from dataclasses import replace
from datetime import tzinfo

from crawler.archive.documents import row_check
from crawler.archive.rows import text_digest
from crawler.bengali.bylines import find_dateline
from crawler.bengali.language import is_legacy, is_mixed
from crawler.bengali.mojibake import is_garbled
from crawler.bengali.text import fold
from crawler.extraction import EXTRACTOR
from crawler.extraction.body.body import Body, read_body, read_page
from crawler.extraction.body.page import TextPage
from crawler.extraction.metadata.credits import find_credits
from crawler.extraction.metadata.dates import Dates, zone_of
from crawler.extraction.metadata.details import (
    find_canonical,
    find_description,
    find_image,
    find_language,
    find_subtitle,
)
from crawler.extraction.metadata.headline import find_headline, settled, site_names
from crawler.extraction.metadata.sections import find_tags, place
from crawler.extraction.metadata.surroundings import Nearby
from crawler.extraction.page.decoding import to_utf8
from crawler.extraction.page.document import Document
from crawler.extraction.page.limits import NotAnArticle
from crawler.extraction.refusals import refuse_body, refuse_bytes, refuse_page
from crawler.model.article import Article, article_id
from crawler.model.listing import Page
from crawler.outlets.declarations import WrongDeclaration, place_of
from crawler.outlets.interface import Interface
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources.base import BrokenSource, is_html

_ROBOTS, _OPT_OUTS = ("robots", "googlebot"), ("noarchive", "noai", "noimageai")
# A brief has more characters; a shorter text is often a caption or a teaser.
_SHORT_TEXT = 150


class Extraction:
    """A page on its way to an article. What was read of a page that is refused stays, for `explain`.

    `sources` name where a field was found.
    """

    def __init__(self, page: Page, outlet: type[Outlet], keep: frozenset[str] = frozenset()) -> None:
        self._page = page
        self._outlet = outlet
        self._keep = keep
        self.text: TextPage | None = None
        self.body: Body | None = None
        self.sources: dict[str, str] = {}

    def article(self) -> Article:
        """Return the article. Raises NotAnArticle."""
        page, outlet = self._page, self._outlet
        if outlet.interface and (outlet.interface.match(page.url) or not is_html(page.body)):
            page = self._page = _with_html(page, outlet.interface, outlet.zone())
        refuse_bytes(page)
        document = Document(to_utf8(page.body, page.content_type), page.url)
        refuse_page(document)
        outlet.prepare(document.tree)
        article = self._read(document)
        outlet.finish(article, document.tree)
        _check_values(article, outlet, page)
        article.text_digest = text_digest(article.title, article.text)
        article.warnings = [*_warnings(document, article), *article.warnings]
        return article

    def _read(self, document: Document) -> Article:
        page, outlet = self._page, self._outlet
        names = site_names(document, outlet)
        headline = find_headline(document, outlet, names, page.listing.title if page.listing else None)
        self.text = read_page(document, outlet, headline.text or "", headline.element, self._keep)
        self.body, story = read_body(document, outlet, self.text)
        refuse_body(page, outlet, document, self.text, self.body)
        title = settled(headline.text, story.headline if story else None)
        if not title:
            raise NotAnArticle("no-headline", "nothing on the page is a headline")
        article = self._titled(document, title, self.body)
        nearby = Nearby(document, outlet, headline.element, self.text, self.body)
        dates = Dates(document, outlet, page, zone_of(document, outlet, title, article.text))
        article.published, article.modified = dates.published(nearby, story), dates.modified(nearby, story)
        refused = {fold(title), *names}
        authors, agencies = find_credits(document, outlet, nearby, story, refused, self.body)
        (article.authors, by), (article.agencies, crediting) = authors, agencies
        article.tags, tagging = find_tags(document, refused)
        self.sources = {"title": headline.source, "authors": by, "agencies": crediting, "tags": tagging}
        self.sources |= place(article, document, outlet, page, nearby, story, refused)
        return article

    def _titled(self, document: Document, title: str, body: Body) -> Article:
        """Return an article with the fields that need only the page, its title and its text."""
        page, outlet = self._page, self._outlet
        canonical = find_canonical(document, outlet, page.url)
        return Article(
            id=article_id(page.outlet, page.key or outlet.article_key(page.url, canonical)),
            outlet=page.outlet,
            url=page.url,
            canonical_url=canonical,
            title=title,
            subtitle=find_subtitle(document, title),
            description=find_description(document),
            text=body.text,
            dateline=find_dateline(body.paragraphs[0]),
            language=find_language(document, body.text),
            image=find_image(document),
            fetched_at=page.fetched_at,
            http_status=page.http_status,
            extractor=replace(EXTRACTOR, keep=tuple(sorted(self._keep))),
            warnings=body.warnings,
        )


def _with_html(page: Page, interface: Interface, zone: tzinfo) -> Page:
    try:
        return replace(page, body=interface.as_html(page.body, zone), content_type="text/html; charset=utf-8")
    except BrokenSource as error:
        raise NotAnArticle("not-json", f"{error}") from error


def _check_values(article: Article, outlet: type[Outlet], page: Page) -> None:
    """Raise WrongDeclaration for a value that no row can have, which an outlet's own code gave."""
    try:
        article.as_line().encode()
        problem = _problem_of(article, page) if _has_own_finish(outlet) else None
    except Exception as error:  # whatever its own values do
        raise _no_row(outlet, f"{type(error).__name__}: {error}") from error
    if problem is not None:
        raise _no_row(outlet, problem)


def _problem_of(article: Article, page: Page) -> str | None:
    """Return why an article can't be a row of a page, if so; the digest of its text is made later."""
    if (article.outlet, article.url) != (page.outlet, page.url):
        return "outlet or url differ from the page's"
    return next(row_check()({**article.as_json(), "text_digest": text_digest("", "")}), None)


def _has_own_finish(outlet: type[Outlet]) -> bool:
    return getattr(outlet.finish, "__func__", None) is not getattr(Outlet.finish, "__func__", None)


def _no_row(outlet: type[Outlet], problem: str) -> WrongDeclaration:
    problem = f"{outlet.__name__} gave an article a value that no row can have: {problem}"
    return WrongDeclaration(problem, place_of(outlet, "def finish("))


def _warnings(document: Document, article: Article) -> list[str]:
    """Return the codes of what is doubtful about an article, and the page's opt-outs."""
    legacy = is_legacy(article.text)
    meta = document.structured.meta
    robots = {word.strip().lower() for name in _ROBOTS for value in meta.get(name, ()) for word in value.split(",")}
    found = {
        "no-date": article.published is None,
        "short-text": len(article.text) < _SHORT_TEXT,
        "not-bengali": article.language != "bn" and not legacy,
        "mixed-language": is_mixed(article.text),
        "legacy-font": legacy,
        "mojibake": is_garbled(f"{article.title}\n{article.text}"),
        **{code: code in robots for code in _OPT_OUTS},
        "tdm-reservation": "1" in meta.get("tdm-reservation", ()),
    }
    return [code for code, holds in found.items() if holds]
