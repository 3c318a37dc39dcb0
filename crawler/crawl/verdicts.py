"""Verdicts on pages: what extraction made of them, whether a run wanted it, and whether to look again."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

from crawler.extraction import NotAnArticle
from crawler.model.article import Article
from crawler.model.failures import PASSING_REJECTIONS, UNFINISHED_REJECTIONS
from crawler.model.listing import Listing, Page, Verdict
from crawler.model.span import Wanted
from crawler.outlets.outlet import Outlet
from crawler.outlets.selection import Selection
from crawler.state import ARTICLE, RECORDED_ONLY
from crawler.state.looks import Look
from crawler.system import clock

# Outcomes of a recent page that may change: to another version, or to an article.
MAY_CHANGE = PASSING_REJECTIONS | UNFINISHED_REJECTIONS | {ARTICLE}


def verdict_on(page: Page, outlet: type[Outlet], work: Future[Article] | None) -> Verdict:
    """Return the verdict on a page, and complete its key; without `work` the page is recorded only.

    Raises what its finished extraction raised, but for NotAnArticle.
    """
    article, outcome = None, RECORDED_ONLY
    if work is not None:
        try:
            article, outcome = work.result(timeout=0), ARTICLE
        except NotAnArticle as error:
            outcome = error.reason
    canonical_url = article.canonical_url if article else outlet.canonical_url(page.url)
    page.key = page.key or outlet.article_key(page.url, canonical_url)
    return Verdict(page, outcome, article)


def selected(verdict: Verdict, outlet: Outlet | type[Outlet], wanted: Wanted) -> Verdict:
    """Return the verdict for a run with these parameters: an article that it did not want gets no row."""
    article, page = verdict.article, verdict.page
    if article is None:
        return verdict
    listing = page.listing or Listing(article.url)
    if reason := Selection(outlet, wanted).refusal_of(article, listing):
        return replace(verdict, outcome=reason, article=None, published=article.published)
    if article.scope is None and listing.national:
        article.scope = "national"
    return verdict


def look_of(
    verdict: Verdict, outlet: Outlet | type[Outlet], after: Sequence[timedelta], is_recent: bool
) -> Look | None:
    """Return the revisit of a page that may change: a recent article, or a passing failure of a recent span."""
    page, article = verdict.page, verdict.article
    if article is not None and article.published is not None:
        may_change = article.published.at > clock.now() - max(after)
    else:
        may_change = is_recent and verdict.outcome in MAY_CHANGE
    if page.key is None or not may_change:
        return None
    listing = page.listing or Listing(page.url)
    is_national = listing.national or (article is not None and article.scope == "national")
    published = listing.published.isoformat() if listing.published else None
    if verdict.outcome in PASSING_REJECTIONS:
        # As its failure is noted: behind a redirect it would be requested under both keys.
        return Look(outlet.listed_key(listing.url), listing.url, published, is_national)
    # Only the listed address may have the key, or lead to the text at an interface.
    is_its_own = outlet.key_of(page.url) == page.key and outlet.address_of_text(listing.url) == listing.url
    return Look(page.key, page.url if is_its_own else listing.url, published, is_national)
