"""Elements that show a date: their text, the machine-readable value they carry, the label beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.bengali.dates import Label, is_label, label_of
from crawler.extraction.date_lines import IN_TEXT
from crawler.extraction.document import text_of

# Where a visible date keeps its machine-readable form.
MACHINE_ATTRIBUTES = ("datetime", "data-published", "data-datetime", "data-time", "data-date", "content")
_ONLY_NAMES = {"entry-date", "post-published"}
_UPDATE_NAMES, _PUBLISHED_NAMES = {"updated", "modified", "datemodified"}, {"published", "datepublished"}


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line that may show a date, and the machine-readable value it carries.

    `trusted` lines are those that the outlet's own selector names; `label` is what stands outside the line's text;
    `above` are those without a label before the headline: the page's own date may be among them.
    """

    text: str
    machine: str | None = None
    label: Label = "none"
    trusted: bool = False
    above: bool = False


def date_line(element: HtmlElement, trusted: bool = False) -> DateLine:
    """Return the text of an element that shows a date, its machine-readable value and its label."""
    names = (*MACHINE_ATTRIBUTES, "title") if element.tag == "abbr" else MACHINE_ATTRIBUTES
    machine = next((value for name in names if (value := element.get(name))), None)
    return DateLine(text_of(element), machine, label_beside(element), trusted)


def label_beside(element: HtmlElement) -> Label:
    """Return the label of an element that shows a date: its names, or the words it opens with or stands behind."""
    names = set(f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower().split())
    if names & _PUBLISHED_NAMES or element.get("data-published"):
        return "published"
    # Themes say "entry-date updated", "post-published updated" of the only date they show.
    if names & _UPDATE_NAMES and not names & _ONLY_NAMES:
        return "updated"
    text = text_of(element)
    opening = text if IN_TEXT.search(text) else _text_before(element)
    return label_of(opening)


def _text_before(element: HtmlElement) -> str:
    """Return the words that stand right before an element, a label in an element of its own among them."""
    previous, parent = element.getprevious(), element.getparent()
    if previous is None:
        return (parent.text or "") if parent is not None else ""
    tail = previous.tail or ""
    if re.search(r"\w", tail) or not isinstance(previous.tag, str):
        return tail
    told = text_of(previous)
    return told if is_label(told) else ""
