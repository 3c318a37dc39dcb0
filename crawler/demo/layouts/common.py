"""The parts that the layouts share: the data of a page, and the HTML of its head and paragraphs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from crawler.demo.grammar import Paragraph
from crawler.demo.newspaper import PrintedArticle
from crawler.demo.outlets import DemoSection, PaperOutlet

TAGS = {"paragraph": "p", "note": "p", "heading": "h2", "item": "li"}


@dataclass(frozen=True, slots=True)
class Context:
    """The data of a page besides its article; `latest` are the articles for its related links."""

    outlet: PaperOutlet
    base: str
    today: date
    latest: Sequence[PrintedArticle]

    def others(self, article: PrintedArticle, count: int) -> list[PrintedArticle]:
        """Return the first `count` of the latest articles, without the page's own."""
        return [other for other in self.latest if other.id != article.id][:count]

    def url(self, article: PrintedArticle) -> str:
        """Return the absolute address of an article."""
        return self.base + article.path

    def picture(self, article: PrintedArticle) -> str:
        """Return the absolute address of an article's lead picture."""
        return f"{self.base}/{article.outlet}/media/{article.published:%Y/%m}/photo-{article.id}.png"


@dataclass(frozen=True, slots=True)
class SectionPage:
    """One of the `pages` of a section, newest article first; `printed` is an article of the print edition."""

    section: DemoSection
    articles: Sequence[PrintedArticle]
    number: int
    pages: int
    printed: PrintedArticle | None = None


def blocks(paragraphs: Iterable[Paragraph]) -> list[str]:
    """Return the HTML blocks of an article; consecutive items share one list."""
    html: list[str] = []
    for paragraph in paragraphs:
        text = escape(paragraph.text, quote=False)
        if paragraph.kind == "quote":
            html.append(f"<blockquote><p>{text}</p></blockquote>")
        elif paragraph.kind == "item" and html and html[-1].endswith("</ul>"):
            html[-1] = html[-1].removesuffix("</ul>") + f"<li>{text}</li></ul>"
        elif paragraph.kind == "item":
            html.append(f"<ul><li>{text}</li></ul>")
        else:
            tag = TAGS[paragraph.kind]
            html.append(f"<{tag}>{text}</{tag}>")
    return html


def ld_json(data: dict[str, Any]) -> str:
    """Return a block of JSON-LD."""
    text = json.dumps(data, ensure_ascii=False, indent=1).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


def breadcrumbs(context: Context, article: PrintedArticle, section: str) -> dict[str, Any]:
    """Return the JSON-LD of an article's breadcrumbs; `section` is the path of its section."""
    home = f"{context.base}/{context.outlet.name}/"
    steps = (
        (context.outlet.title, home),
        (article.section.name, context.base + section),
        (article.title, context.url(article)),
    )
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": address}
        for position, (name, address) in enumerate(steps, 1)
    ]
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}


def document(context: Context, title: str, metadata: str, opening: str, body: str) -> str:
    """Return a whole page; `opening` is its body tag."""
    return f"""<!doctype html>
<html lang="bn">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
{metadata}
<link rel="stylesheet" href="/{context.outlet.name}/assets/style.css">
</head>
{opening}
{body}
</body>
</html>
"""


def properties(values: dict[str, str]) -> str:
    """Return Open Graph and article properties."""
    return "\n".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in values.items())
