"""Pages that could stop an extractor, each a function of its size; the largest has 50 MB."""

from __future__ import annotations

import json
from collections.abc import Callable

WHOLE = 50_000_000
SENTENCE = "নাটোরের বড়াইগ্রামে বাসের চাপায় মোটরসাইকেলের চালক নিহত হয়েছেন। সোমবার সকালে এ দুর্ঘটনা ঘটে। "
TITLE = "বাসের চাপায় মোটরসাইকেলের চালক নিহত"
ARTICLE = f"<h1>{TITLE}</h1><div class=entry-content><p>{SENTENCE}</p><p>{SENTENCE * 2}</p></div>"
IN_TEXT = f"<h1>{TITLE}</h1><div class=entry-content><p>{SENTENCE}</p>" + "{}</div>"
LD = 'type="application/ld+json"'
NEXT = 'id="__NEXT_DATA__" type="application/json"'
NUXT = 'id="__NUXT_DATA__" type="application/json"'
Monster = Callable[[int], str | bytes]


def page(body: str, head: str = "") -> str:
    """Return a page whose title is the headline."""
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    )


def filled(piece: str, size: int) -> str:
    """Repeat a piece up to a size in bytes."""
    return piece * max(1, size // len(piece.encode()))


def depth(size: int) -> int:
    """Return the number of nested elements: 100,000 at the whole size."""
    return max(1, size * 100_000 // WHOLE)


def nested(piece: str) -> Monster:
    """Return a monster whose article is followed by a piece nested in itself."""
    return lambda size: page(ARTICLE + piece * max(1, depth(size) // piece.count("<")) + SENTENCE)


def broad(piece: str, around: str, frame: str) -> Monster:
    """Return a monster that repeats a piece in a frame; `around` names an element around all pieces."""

    def write(size: int) -> str:
        inside = filled(piece, size)
        return page(frame.format(f"<{around}>{inside}</{around}>" if around else inside))

    return write


def script(kind: str, content: str) -> str:
    """Return a page with an article and a script element."""
    return page(ARTICLE, f"<script {kind}>{content}</script>")


def news_article(**more: object) -> str:
    """Return the JSON-LD of an article."""
    return json.dumps({"@type": "NewsArticle", "headline": TITLE, **more}, ensure_ascii=False)


def nuxt_function(size: int) -> str:
    """Return a function of Nuxt that returns many sentences."""
    values = ",".join(f'a{number}:"{SENTENCE}"' for number in range(size // 280))
    return f"window.__NUXT__=(function(a){{return {{{values}}}}}(1))"


NESTED = {
    "divs": "<div>",
    "spans": "<span>",
    "bold": "<b>",
    "tables": "<table><tr><td>",
    "lists": "<ul><li>",
    "links": "<a href=/x>",
    "headings": "<h2>",
    "paragraphs in quotes": "<blockquote><p>",
    "a mixture": "<div><span><b><table><tr><td><section><i>",
    "fonts and forms": "<font><form><center>",
    "articles": "<article><div class=entry-content>",
    "custom elements": "<x-y>",
    "svg": "<svg><g>",
}


BROAD = {
    "one paragraph of letters": ("a", ""),
    "one paragraph of words": ("শব্দ ", ""),
    "one paragraph of sentences": (SENTENCE, ""),
    "spaces": (" ", ""),
    "line ends": ("\n", ""),
    "joiners": ("\u200d", ""),
    "marks": ("\u09bc\u09be", ""),
    "dates": ("১২ জানুয়ারি ২০২৬, ১০:৩০ ", ""),
    "digits": ("1", ""),
    "entities": ("&amp;", ""),
    "pieces of tags": ("<", ""),
    "emoji": ("\U0001f600\u200d", ""),
    "br": ("<br>", ""),
    "lines": ("ক<br>", ""),
    "small paragraphs": ("<p>ক।</p>", ""),
    "paragraphs": (f"<p>{SENTENCE}</p>", ""),
    "empty paragraphs": ("<p>", ""),
    "list items": ("<li>ক</li>", "ul"),
    "rows": ("<tr><td>ক<td>খ", "table"),
    "links": ('<a href="/n/1">ক</a> ', ""),
    "spans": ("<span>ক</span>", ""),
    "sentences in spans": (f"<span>{SENTENCE.strip()}</span>", ""),
    "headings": ("<h2>ক</h2>", ""),
    "linked headings": ("<h3><a href=/n/1>হাওরে ধান কাটা শুরু</a></h3>", ""),
    "headlines": (f"<h1>{TITLE}</h1>", ""),
    "teasers": ("<div class=post><h3><a href=/n/1>হাওরে ধান কাটা শুরু</a></h3><p>কৃষকের মুখে হাসি।</p></div>", ""),
    "times": ('<time datetime="2026-11-24T10:00:00+06:00">ক</time>', ""),
    "bylines": ('<span class="author">নিজস্ব প্রতিবেদক</span>', ""),
    "breadcrumbs": ('<nav class="breadcrumb"><a href=/a/>জাতীয়</a></nav>', ""),
    "figures": ("<figure><img src=/a.jpg><figcaption>ছবি: সংগৃহীত</figcaption></figure>", ""),
    "pictures": ('<img alt="ক" src="data:image/png;base64,iVBORw0KGgo=">', ""),
    "microdata": ('<div itemprop="datePublished author articleBody">ক</div>', ""),
    "articles": (f"<article><h2>{TITLE}</h2><div class=entry-content><p>{SENTENCE}</p></div></article>", ""),
    "small scripts": ("<script>a=1</script>", ""),
    "styles": ("<style>a{}</style>", ""),
    "metas": ('<meta property="article:tag" content="ক">', ""),
    "tags": ('<a rel="tag" href="/t/1">ক</a>', ""),
    "hidden": ("<div hidden style='display:none'>ক</div>", ""),
    "iframes": ("<iframe src=/x></iframe>", ""),
    "comments": ("<!-- ক -->", ""),
    "inputs": ("<input type=password>", ""),
}
FRAMES = {"in the text": IN_TEXT, "after the text": ARTICLE + "<div>{}</div>", "alone": "<div>{}</div>"}
LABELS = '<time datetime="2026-11-24T10:00:00+06:00">২৪ নভেম্বর ২০২৬</time>'
FLIGHT = '1:{"title":"ক","body":"খ"}\n'
PAYLOAD = json.dumps([{"title": 1, "body": 2, "more": 3}, TITLE, SENTENCE, [0, 0, 0]])[1:-1]

MONSTERS: dict[str, Monster] = {
    **{f"nested {name}": nested(piece) for name, piece in NESTED.items()},
    "nested around the article": lambda size: page("<div>" * depth(size) + ARTICLE + "</div>" * depth(size)),
    "nested inside the text": lambda size: page(
        IN_TEXT.format("<div><b>" * (depth(size) // 2) + SENTENCE + "</b></div>" * (depth(size) // 2))
    ),
    **{
        f"{name} {place}": broad(piece, around, frame)
        for name, (piece, around) in BROAD.items()
        for place, frame in FRAMES.items()
    },
    "labels of dates under the headline": broad(
        LABELS, "", f"<article><h1>{TITLE}</h1>{{}}<p>{SENTENCE}</p><p>{SENTENCE * 2}</p></article>"
    ),
    # Markup that a browser does not show.
    "attributes of one element": lambda size: page(
        f"{ARTICLE}<div {''.join(f'a{number}=1 ' for number in range(size // 10))}>ক</div>"
    ),
    "tags of many attributes": lambda size: page(
        ARTICLE + filled(f"<p {' '.join(f'a{number}' for number in range(290))}>", size)
    ),
    "one attribute": lambda size: page(f'{ARTICLE}<div class="{filled("ক-খ ", size)}">ক</div>'),
    "names without an end": lambda size: page(
        f'{ARTICLE}<div class="{filled("a", size // 2)}" id="{filled("aB-", size // 2)}">ক</div>'
    ),
    "base64 in a picture": lambda size: page(
        f'{ARTICLE}<img src="data:image/png;base64,{filled("iVBORw0KGgoAAAANSUhEUgAA", size)}">'
    ),
    "a comment": lambda size: page(f"{ARTICLE}<!-- {filled(SENTENCE, size)} -->"),
    "no end of a tag": lambda size: page(ARTICLE + "<div " + filled("a ", size)).replace(">", " ") + "<p",
    "no tag": lambda size: filled(SENTENCE, size),
    "open quotes": lambda size: page(ARTICLE + filled("<a href=\"x'>", size)),
    "a title": lambda size: f"<html><head><title>{filled(SENTENCE, size)}</title></head><body>{ARTICLE}</body></html>",
    "a headline": lambda size: page(
        f"<h1>{filled(SENTENCE, size)}</h1><div class=entry-content><p>{SENTENCE}</p></div>"
    ),
    "a meta element": lambda size: page(ARTICLE, f'<meta property="og:title" content="{filled(SENTENCE, size)}">'),
    "escaped over and over": lambda size: page(
        ARTICLE, f'<meta name="description" content="{filled("&amp;amp;lt;p", size)}">'
    ),
    "NULs": lambda size: page(ARTICLE).encode() + b"\0" * size,
    "broken bytes": lambda size: page(ARTICLE).encode() + b"\xe0\xa6" * (size // 2),
    "UTF-16": lambda size: page(ARTICLE + filled(f"<p>{SENTENCE}</p>", size)).encode("utf-16"),
    "mojibake": lambda size: page(ARTICLE + filled(SENTENCE, size // 2).encode().decode("cp1252", "replace")).encode(),
    # Data in scripts.
    "JSON-LD with a body": lambda size: script(LD, news_article(articleBody=filled(SENTENCE, size))),
    "JSON-LD with a body of markup": lambda size: script(
        LD, news_article(articleBody=filled(f"<p>{SENTENCE}</p>", size))
    ),
    "JSON-LD with a headline": lambda size: script(LD, news_article().replace(TITLE, filled(SENTENCE, size))),
    "JSON-LD of many articles": lambda size: script(
        LD, "[" + filled(news_article(datePublished="2026-11-24") + ",", size) + "{}]"
    ),
    "JSON-LD of many numbers": lambda size: script(LD, "[" + filled("1,", size) + "1]"),
    "JSON-LD with many authors": lambda size: script(
        LD, news_article(author=[{"name": "নিজস্ব প্রতিবেদক"}] * (size // 60))
    ),
    "JSON-LD cut off": lambda size: script(LD, "[" + filled(news_article() + ",", size)),
    "JSON-LD escaped": lambda size: script(LD, filled("{&quot;a&quot;:&quot;b&quot;},", size)),
    "JSON-LD of bad escapes": lambda size: script(LD, '{"a":"' + filled("\\x", size) + '"}'),
    "JSON-LD of commas": lambda size: script(LD, "[" + filled(",   ", size) + "}"),
    "JSON-LD of spaces": lambda size: script(LD, "{" + filled(" ", size) + "]"),
    "JSON-LD nested": lambda size: script(LD, '{"@graph":[' * depth(size)),
    "JSON-LD nested and closed": lambda size: script(LD, "[" * depth(size) + "]" * depth(size)),
    "a story in Next.js": lambda size: script(
        NEXT, json.dumps({"props": {"title": TITLE, "body": filled(f"<p>{SENTENCE}</p>", size)}})
    ),
    "stories in Next.js": lambda size: script(
        NEXT, "[" + filled(json.dumps({"title": TITLE, "body": SENTENCE}) + ",", size) + "{}]"
    ),
    "data nested in Next.js": lambda size: script(NEXT, '{"a":' * depth(size)),
    "flight data": lambda size: page(
        ARTICLE + filled(f"<script>self.__next_f.push([1,{json.dumps(FLIGHT * 3)}])</script>", size)
    ),
    "flight data in one row": lambda size: script(
        "", "self.__next_f.push([1," + json.dumps("1:" + filled("a", size)) + "])"
    ),
    "a function of Nuxt": lambda size: script("", nuxt_function(size)),
    "a function of Nuxt without an end": lambda size: script(
        "", "window.__NUXT__=(function(a){" + filled("a.b=1;", size)
    ),
    "functions of Nuxt": lambda size: script("", filled("__NUXT__=(function(a){return ", size)),
    "a payload of Nuxt": lambda size: script(NUXT, f"[{filled(PAYLOAD + ',', size)}1]"),
    "a script": lambda size: script("", filled("var a = {};\n", size)),
    "assignments": lambda size: script("", filled("window.__DATA__ = {", size)),
    "a sheet of styles": lambda size: page(ARTICLE, f"<style>{filled('a{b:c}', size)}</style>"),
}
