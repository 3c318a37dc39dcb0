"""Explain an extraction: every block with the rule that dropped it, the source of every field; as lines or HTML."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from crawler.extraction.body.rules import OTHER_REASONS, RULES
from crawler.extraction.extractor import Extraction
from crawler.extraction.page.limits import NotAnArticle
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet

# Fields that are shown as blocks, or that the crawl gives.
_NOT_OF_THE_PAGE = frozenset({"text", "fetched_at", "http_status", "warc", "text_digest", "version", "previous"})
REASONS = {**OTHER_REASONS, **{rule.name: rule.reason for rule in RULES}}
_STYLE = """
body { font: 16px/1.6 "Noto Sans Bengali", "Lohit Bengali", sans-serif; max-width: 60em; margin: 2em auto; }
p, td, th { padding: .2em .6em; margin: .2em 0; overflow-wrap: anywhere; }
.kept { border-left: .3em solid #188038; }
.dropped { border-left: .3em solid #c5221f; color: #777; }
b { font: 12px monospace; color: #c5221f; margin-right: 1em; }
th { text-align: left; font: 13px monospace; vertical-align: top; }
"""


@dataclass(slots=True)
class Explanation:
    """The blocks in the order of the page, with their rules; the fields, with their values and sources.

    `source` names the candidate that gave the text, `refusal` why the page is not an article.
    """

    source: str = "none"
    blocks: list[tuple[str, str | None]] = field(default_factory=list)
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    refusal: str | None = None


def explain(page: Page, outlet: type[Outlet], keep: frozenset[str] = frozenset()) -> Explanation:
    """Extract a page as `extract` does, and return what happened to it."""
    reading, found = Extraction(page, outlet, keep), Explanation()
    try:
        found.fields = list(_fields(reading.article().as_json(), reading.sources))
    except NotAnArticle as error:
        found.refusal = f"{error.reason}: {error}"
    if reading.text is not None:
        found.blocks = [(block.text, block.rule) for block in reading.text.blocks]
    if reading.body is not None:
        found.source = reading.body.candidate
        if not reading.body.blocks:
            found.blocks += [(paragraph, None) for paragraph in reading.body.paragraphs]
    return found


def _fields(row: dict[str, Any], sources: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    for name, value in row.items():
        if name not in _NOT_OF_THE_PAGE:
            source = value["source"] if name in ("published", "modified") and value else sources.get(name) or ""
            yield name, _shown(value), source


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_shown(each)}" for key, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(_shown, value)) or "–"
    return "–" if value is None else str(value)


def as_lines(found: Explanation, width: int | None = None) -> Iterator[str]:
    """Yield the explanation as lines, those of blocks cut to `width` characters."""
    for text, rule in found.blocks:
        yield f"{'kept' if rule is None else '- ' + rule:<16}{text}"[:width]
    yield ""
    if found.refusal:
        yield f"not an article: {found.refusal}"
    yield f"text from: {found.source}"
    for name, value, source in found.fields:
        yield f"{name:<16}{value}{f'   ({source})' if source else ''}"[:width]


def as_html(found: Explanation, url: str) -> str:
    blocks = "\n".join(_block(text, rule) for text, rule in found.blocks)
    rows = "\n".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td><td>{escape(source)}</td></tr>"
        for name, value, source in found.fields
    )
    refusal = f"<p><strong>not an article: {escape(found.refusal)}</strong></p>" if found.refusal else ""
    return (
        f'<!DOCTYPE html>\n<html lang="bn"><meta charset="utf-8"><title>{escape(url)}</title><style>{_STYLE}</style>\n'
        f"<h1>{escape(url)}</h1>{refusal}<p>text from: {escape(found.source)}</p>\n"
        f"{blocks}\n<table>\n{rows}\n</table>\n</html>\n"
    )


def _block(text: str, rule: str | None) -> str:
    if rule is None:
        return f'<p class="kept">{escape(text)}</p>'
    return f'<p class="dropped" title="{escape(REASONS[rule])}"><b>{escape(rule)}</b>{escape(text)}</p>'
