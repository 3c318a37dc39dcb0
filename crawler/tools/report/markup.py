"""The small pieces of HTML that a report is put together from; every text is escaped here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

from crawler.system.terminal import printable

BENGALI = re.compile(r"[\u0980-\u09ff]")


class Html(str):
    """Markup that stays as it is."""


class NumberCell(NamedTuple):
    """A number in a table, and how it is written."""

    text: str


def text(value: object) -> str:
    """Return a value as markup: a text is escaped, Bengali is marked as such for the browser's fonts."""
    if isinstance(value, Html):
        return value
    escaped = escape(printable(str(value)))
    return f'<span lang="bn">{escaped}</span>' if BENGALI.search(escaped) else escaped


def count(number: float) -> NumberCell:
    """Return a whole number with its thousands apart."""
    return NumberCell(f"{number:,.0f}".replace(",", "\u202f"))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; its first column names the rows."""
    body = "".join(_row(row) for row in rows)
    names = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    return f'<div class="table"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'


def folded(summary: str, content: str) -> str:
    """Return what is shown on demand, and in print."""
    return f"<details><summary>{text(summary)}</summary>{content}</details>"


def figure(picture: str, summary: str, caption: str = "") -> str:
    """Return a picture with what it shows in words, for those who don't see it, and a caption for those who do."""
    below = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    return f'<figure role="group" aria-label="{escape(printable(summary))}">{picture}{below}</figure>'


def key(colours: Mapping[str, str], is_crossed: bool = False) -> str:
    """Return what colours mean; `is_crossed` puts the cross of the heat maps into the first."""
    items = "".join(
        f'<li><i style="background:{colour}">{"×" if is_crossed and not number else ""}</i>{text(meaning)}</li>'
        for number, (meaning, colour) in enumerate(colours.items())
    )
    return f'<ul class="key">{items}</ul>'


def _row(row: Sequence[object]) -> str:
    first, *others = row
    return f'<tr><th scope="row">{text(first)}</th>{"".join(map(_cell, others))}</tr>'


def _cell(value: object) -> str:
    if isinstance(value, NumberCell):
        return f'<td class="number">{value.text}</td>'
    return f"<td>{text(value)}</td>"
