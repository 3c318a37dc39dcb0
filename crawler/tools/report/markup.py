"""Small pieces of HTML. Every text is escaped here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from crawler.system.terminal import printable

BENGALI = re.compile(r"[\u0980-\u09ff]")


class Html(str):
    """Markup that is not escaped."""


def text(value: object) -> str:
    """Return a value as markup: text is escaped, and Bengali is marked for the browser's fonts."""
    if isinstance(value, Html):
        return value
    escaped = escape(printable(str(value)))
    return f'<span lang="bn">{escaped}</span>' if BENGALI.search(escaped) else escaped


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; its first column names the rows, and integers are aligned as numbers."""
    body = "".join(_row(row) for row in rows)
    names = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    return f'<div class="table"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'


def folded(summary: str, content: str) -> str:
    return f"<details><summary>{text(summary)}</summary>{content}</details>"


def figure(picture: str, summary: str, caption: str = "") -> str:
    """Return a picture with a summary for screen readers and a visible caption."""
    below = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    return f'<figure role="group" aria-label="{escape(printable(summary))}">{picture}{below}</figure>'


def legend(colours: Mapping[str, str], is_crossed: bool = False) -> str:
    """Return the meanings of colours; `is_crossed` marks the first as heat maps do."""
    items = "".join(
        f'<li><i style="background:{colour}">{"×" if is_crossed and not number else ""}</i>{text(meaning)}</li>'
        for number, (meaning, colour) in enumerate(colours.items())
    )
    return f'<ul class="key">{items}</ul>'


def _row(row: Sequence[object]) -> str:
    first, *others = row
    return f'<tr><th scope="row">{text(first)}</th>{"".join(map(_cell, others))}</tr>'


def _cell(value: object) -> str:
    return f'<td class="number">{grouped(value)}</td>' if isinstance(value, int) else f"<td>{text(value)}</td>"
