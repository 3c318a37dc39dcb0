"""A page and the rules of its outlet to an article."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from crawler.archive.rows import text_digest
from crawler.bengali.bylines import find_dateline
from crawler.bengali.language import bengali_share
from crawler.bengali.text import fold
from crawler.extraction import EXTRACTOR
from crawler.extraction.blocks.date_lines import is_dated_line
from crawler.extraction.candidates.body import read_body
from crawler.extraction.judgement import refuse_body, refuse_bytes, refuse_page
from crawler.extraction.metadata.credits import find_agencies, find_authors, find_bylines, without_credit
from crawler.extraction.metadata.dates import Dates, offset_stated
from crawler.extraction.metadata.details import (
    find_canonical,
    find_description,
    find_image,
    find_language,
    find_subtitle,
    find_warnings,
)
from crawler.extraction.metadata.headline import find_headline, name_in_title, settled, site_names
from crawler.extraction.metadata.sections import find_placing, find_tags
from crawler.extraction.metadata.surroundings import nearby
from crawler.extraction.page.decoding import as_utf8
from crawler.extraction.page.document import Document
from crawler.extraction.page.limits import NotAnArticle, refuse_size
from crawler.extraction.rules.text_edges import Surroundings
from crawler.model.addresses import host_of
from crawler.model.article import Article, article_id
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet


def read_article(page: Page, outlet: type[Outlet]) -> Article:
    refuse_bytes(page)
    refuse_size(page.body)
    document = Document(as_utf8(page.body, page.content_type), page.url)
    refuse_page(document)
    outlet.prepare(document.tree)
    document.drop(outlet.unwanted)
    article = _article(page, outlet, document)
    outlet.finish(article, document.tree)
    article.text_digest = text_digest(article.title, article.text)
    article.warnings = find_warnings(document, article)
    return article


def _article(page: Page, outlet: type[Outlet], document: Document) -> Article:
    hint = page.listing.title if page.listing else None
    names = site_names(document, outlet)
    title, headline = find_headline(document, outlet, names, hint)
    called = [*names, *filter(None, [name_in_title(document, title or "")])]
    body, story = read_body(document, outlet, headline, Surroundings(title or "", called, is_dated_line))
    title = settled(title, story.headline if story else None)
    refuse_body(page, outlet, document, headline, body)
    if not title:
        raise NotAnArticle("no-headline", "nothing on the page is a headline")
    around = nearby(document, outlet, headline, body)
    dates = Dates(document, outlet, page, zone_of(document, outlet, title, body.text))
    # In their order, and looked up at once: a page may call its site by thousands of names, and have as many tags.
    refused = dict.fromkeys(map(fold, (title, *names)))
    placing = find_placing(document, outlet, page, headline, story, refused)
    bylines = find_bylines(document, outlet, around)
    authors = find_authors(document, around, bylines, story, refused, body.paragraphs[0])
    canonical = find_canonical(document, outlet, page.url)
    return Article(
        id=article_id(page.outlet, page.key or outlet.article_key(page.url, canonical)),
        outlet=page.outlet,
        url=page.url,
        canonical_url=canonical,
        title=title,
        subtitle=find_subtitle(document, title),
        description=find_description(document),
        text="\n".join(without_credit(body.paragraphs)),
        authors=authors,
        agencies=find_agencies(body.text, bylines, authors),
        dateline=find_dateline(body.paragraphs[0]),
        section=placing.section,
        scope=placing.scope,
        topics=placing.topics,
        genre=placing.genre,
        tags=find_tags(document, refused),
        published=dates.published(around, story),
        modified=dates.modified(around, story),
        language=find_language(document, body.text),
        image=find_image(document),
        fetched_at=page.fetched_at,
        http_status=page.http_status,
        extractor=EXTRACTOR,
    )


def zone_of(document: Document, outlet: type[Outlet], *told: str) -> tzinfo:
    """Return the zone of an outlet's dates; of an unknown site from its dates, its language or its address."""
    if outlet.article is not None or outlet.allowed_domains:
        return ZoneInfo(outlet.time_zone)
    if offset := offset_stated(document):
        return offset
    host = host_of(document.url)
    # A text may quote English more than it says in Bengali.
    if not host.endswith(".bd") and all(bengali_share(text) < 0.5 for text in told):
        return UTC
    return ZoneInfo("Asia/Kolkata" if host.endswith(".in") else "Asia/Dhaka")
