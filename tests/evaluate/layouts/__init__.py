"""The layouts, by publishing system and by trap; to import this package enters them all."""

from evaluate.layouts import (
    applications,
    article_parts,
    bengali_systems,
    composed,
    dates,
    encodings,
    furniture,
    json_linked,
    machine,
    paragraphs,
    unmarked,
    widgets,
    wordpress,
    wrapped,
)

__all__ = [
    "applications",
    "article_parts",
    "bengali_systems",
    "composed",
    "dates",
    "encodings",
    "furniture",
    "json_linked",
    "machine",
    "paragraphs",
    "unmarked",
    "widgets",
    "wordpress",
    "wrapped",
]
