"""Pages to articles: one parse, one reading of the page's data, one article with the provenance of its dates."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from crawler.extraction.page.limits import NotAnArticle
from crawler.model.article import Article, Extractor

if TYPE_CHECKING:
    from crawler.model.listing import Page
    from crawler.outlets.outlet import Outlet

__all__ = ["EXTRACTOR", "KEEPABLE", "NotAnArticle", "extract"]

# Raised with every change that can change a text: texts are compared only between equal versions.
EXTRACTOR_VERSION = 14
EXTRACTOR = Extractor("khobor", f"{EXTRACTOR_VERSION}+trafilatura-{version('trafilatura')}")
# What EXTRACT_KEEP may name: captions of pictures, credits and initials, links to other stories inside the text, and
# each cell of a table as a paragraph.
KEEPABLE = frozenset({"captions", "cells", "credits", "related"})


def extract(page: Page, outlet: type[Outlet], keep: frozenset[str] = frozenset()) -> Article:
    """Return the article of a page. Raises NotAnArticle.

    `keep` are names of KEEPABLE. The pipeline fills `warc`, `version` and `previous`.
    """
    # Loaded when needed: the process of the reactor imports this package and extracts nothing.
    from crawler.extraction.extractor import Extraction

    return Extraction(page, outlet, keep).article()
