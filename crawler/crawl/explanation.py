"""Explain an extraction: every block with the rule that dropped it, the source of every field; as lines or HTML."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.extraction.body.rules import OTHER_REASONS, RULES
from crawler.extraction.extractor import Extraction
from crawler.extraction.page.limits import NotAnArticle
from crawler.model.listing import Page
from crawler.outlets.outlet import Outlet

# Fields that are shown as blocks, or that the crawl gives.
_NOT_OF_THE_PAGE = frozenset({"text", "fetched_at", "http_status", "warc", "text_digest", "version", "previous"})
REASONS = {**OTHER_REASONS, **{rule.name: rule.reason for rule in RULES}}


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
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("explanation.html").render(found=found, url=url, reasons=REASONS)
