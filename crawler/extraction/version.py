"""Which code makes a text: the extractor's name and version."""

from __future__ import annotations

from importlib.metadata import version

from crawler.model.article import Extractor

# Raised with every change that can change a text: texts are compared only between equal versions.
EXTRACTOR_VERSION = 10
EXTRACTOR = Extractor("khobor", f"{EXTRACTOR_VERSION}+trafilatura-{version('trafilatura')}")
