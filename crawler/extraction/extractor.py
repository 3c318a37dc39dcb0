"""A page and the rules of its outlet to an article."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crawler.addresses import host_of
from crawler.bengali.bylines import find_dateline
from crawler.bengali.language import bengali_share
from crawler.bengali.text import fold
from crawler.extraction.body import read_body
from crawler.extraction.credits import find_agencies, find_authors, find_bylines, without_credit
from crawler.extraction.date_lines import is_dated_line
from crawler.extraction.dates import Dates, offset_stated
from crawler.extraction.decoding import as_utf8
from crawler.extraction.details import (
    find_canonical,
    find_description,
    find_image,
    find_language,
    find_subtitle,
    find_warnings,
)
from crawler.extraction.document import Document
from crawler.extraction.headline import find_headline, name_in_title, settled, site_names
from crawler.extraction.judgement import refuse_body, refuse_bytes, refuse_page
from crawler.extraction.limits import refuse_size
from crawler.extraction.refusals import NotAnArticle
from crawler.extraction.sections import find_placing, find_tags
from crawler.extraction.surroundings import nearby
from crawler.extraction.text_edges import Surroundings
from crawler.extraction.version import EXTRACTOR
from crawler.items import Article, Page, article_id

if TYPE_CHECKING:
    from crawler.spider import NewsSpider


def read_article(page: Page, outlet: type[NewsSpider]) -> Article:
    """Return the article of a page, read by the rules of `outlet`. Raises NotAnArticle."""
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


def _article(page: Page, outlet: type[NewsSpider], document: Document) -> Article:
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


def text_digest(title: str, text: str) -> str:
    """Return `sha256:` and the digest of the folded title and text."""
    return "sha256:" + hashlib.sha256(fold(f"{title}\n{text}").encode()).hexdigest()


def zone_of(document: Document, outlet: type[NewsSpider], *told: str) -> tzinfo:
    """Return the zone of an outlet's dates.

    Of an unknown site: the offset its own dates carry, else that of Dhaka, or Kolkata under .in, where what is told
    (the title, the text) is Bengali, and that of Dhaka under .bd; else UTC.
    """
    if outlet.article is not None or outlet.allowed_domains:
        return ZoneInfo(outlet.time_zone)
    return offset_stated(document) or _zone_of_language(host_of(document.url), told)


def _zone_of_language(host: str, told: Sequence[str]) -> tzinfo:
    # A text may quote English more than it says in Bengali.
    if not host.endswith(".bd") and all(bengali_share(text) < 0.5 for text in told):
        return UTC
    return ZoneInfo("Asia/Kolkata" if host.endswith(".in") else "Asia/Dhaka")
