"""Pages to articles: one parse, one reading of the page's data, one article with the provenance of its dates."""

from __future__ import annotations

from crawler.extraction.extractor import EXTRACTOR, extract
from crawler.extraction.refusals import NotAnArticle

__all__ = ["EXTRACTOR", "NotAnArticle", "extract"]
