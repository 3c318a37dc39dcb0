"""Pages that nobody should be able to stop an extractor with: each is written at a size, the real one is 50 MB."""

from __future__ import annotations

import json
from collections.abc import Callable

WHOLE = 50_000_000
SENTENCE = "নাটোরের বড়াইগ্রামে বাসের চাপায় মোটরসাইকেলের চালক নিহত হয়েছেন। সোমবার সকালে এ দুর্ঘটনা ঘটে। "
TITLE = "বাসের চাপায় মোটরসাইকেলের চালক নিহত"
ARTICLE = f"<h1>{TITLE}</h1><div class=entry-content><p>{SENTENCE}</p><p>{SENTENCE * 2}</p></div>"
MONSTERS: dict[str, Callable[[int], str | bytes]] = {}


def monster(name: str) -> Callable[[Callable[[int], str | bytes]], Callable[[int], str | bytes]]:
    """Enter a page, a function of its size in bytes, among the monsters."""

    def enter(write: Callable[[int], str | bytes]) -> Callable[[int], str | bytes]:
        MONSTERS[name] = write
        return write

    return enter


def page(body: str, head: str = "") -> str:
    """Return a page with a headline in its title."""
    return (
        f"<!doctype html><html><head><meta charset=utf-8><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    )


def filled(piece: str, size: int) -> str:
    """Return a piece so often that its bytes are of a size."""
    return piece * max(1, size // len(piece.encode()))


# Depth: 100,000 elements at the whole size.
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


def _nested(piece: str) -> Callable[[int], str]:
    def write(size: int) -> str:
        count = max(1, size * 100_000 // WHOLE // piece.count("<"))
        return page(ARTICLE + piece * count + SENTENCE)

    return write


for _name, _piece in NESTED.items():
    MONSTERS[f"nested {_name}"] = _nested(_piece)


@monster("nested around the article")
def nested_around(size: int) -> str:
    count = max(1, size * 100_000 // WHOLE)
    return page("<div>" * count + ARTICLE + "</div>" * count)


@monster("nested inside the text")
def nested_inside(size: int) -> str:
    count = max(1, size * 100_000 // WHOLE)
    inner = "<div><b>" * (count // 2) + SENTENCE + "</b></div>" * (count // 2)
    return page(f"<h1>{TITLE}</h1><div class=entry-content><p>{SENTENCE}</p>{inner}</div>")


# Breadth: pieces repeated up to the size, inside the article's own container, outside it, and where there is none.
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


def _broad(piece: str, around: str, frame: str) -> Callable[[int], str]:
    def write(size: int) -> str:
        inside = filled(piece, size)
        return page(frame.format(f"<{around}>{inside}</{around}>" if around else inside))

    return write


IN_TEXT = f"<h1>{TITLE}</h1><div class=entry-content><p>{SENTENCE}</p>" + "{}</div>"
for _name, (_piece, _around) in BROAD.items():
    MONSTERS[f"{_name} in the text"] = _broad(_piece, _around, IN_TEXT)
    MONSTERS[f"{_name} after the text"] = _broad(_piece, _around, ARTICLE + "<div>{}</div>")
    MONSTERS[f"{_name} alone"] = _broad(_piece, _around, "<div>{}</div>")

LABELS = '<time datetime="2026-11-24T10:00:00+06:00">২৪ নভেম্বর ২০২৬</time>'
MONSTERS["labels of dates under the headline"] = _broad(
    LABELS, "", f"<article><h1>{TITLE}</h1>{{}}<p>{SENTENCE}</p><p>{SENTENCE * 2}</p></article>"
)


# What a browser would not show.
@monster("attributes of one element")
def attributes(size: int) -> str:
    return page(f"{ARTICLE}<div {''.join(f'a{number}=1 ' for number in range(size // 10))}>ক</div>")


@monster("tags of many attributes")
def many_attributes(size: int) -> str:
    return page(ARTICLE + filled(f"<p {' '.join(f'a{number}' for number in range(290))}>", size))


@monster("one attribute")
def giant_attribute(size: int) -> str:
    return page(f'{ARTICLE}<div class="{filled("ক-খ ", size)}">ক</div>')


@monster("names without an end")
def giant_class(size: int) -> str:
    return page(f'{ARTICLE}<div class="{filled("a", size // 2)}" id="{filled("aB-", size // 2)}">ক</div>')


@monster("base64 in a picture")
def base64_picture(size: int) -> str:
    return page(f'{ARTICLE}<img src="data:image/png;base64,{filled("iVBORw0KGgoAAAANSUhEUgAA", size)}">')


@monster("a comment")
def giant_comment(size: int) -> str:
    return page(f"{ARTICLE}<!-- {filled(SENTENCE, size)} -->")


@monster("no end of a tag")
def endless_tag(size: int) -> str:
    return page(ARTICLE + "<div " + filled("a ", size)).replace(">", " ") + "<p"


@monster("no tag")
def no_tag(size: int) -> str:
    return filled(SENTENCE, size)


@monster("open quotes")
def open_quotes(size: int) -> str:
    return page(ARTICLE + filled("<a href=\"x'>", size))


@monster("a title")
def giant_title(size: int) -> str:
    return f"<html><head><title>{filled(SENTENCE, size)}</title></head><body>{ARTICLE}</body></html>"


@monster("a headline")
def giant_headline(size: int) -> str:
    return page(f"<h1>{filled(SENTENCE, size)}</h1><div class=entry-content><p>{SENTENCE}</p></div>")


@monster("a meta element")
def giant_meta(size: int) -> str:
    return page(ARTICLE, f'<meta property="og:title" content="{filled(SENTENCE, size)}">')


@monster("escaped over and over")
def escaped(size: int) -> str:
    return page(ARTICLE, f'<meta name="description" content="{filled("&amp;amp;lt;p", size)}">')


@monster("NULs")
def nuls(size: int) -> bytes:
    return page(ARTICLE).encode() + b"\0" * size


@monster("broken bytes")
def broken_bytes(size: int) -> bytes:
    return page(ARTICLE).encode() + b"\xe0\xa6" * (size // 2)


@monster("UTF-16")
def utf_16(size: int) -> bytes:
    return page(ARTICLE + filled(f"<p>{SENTENCE}</p>", size)).encode("utf-16")


@monster("mojibake")
def mojibake(size: int) -> bytes:
    return page(ARTICLE + filled(SENTENCE, size // 2).encode().decode("cp1252", "replace")).encode()


# Data.
def _script(kind: str, content: str) -> str:
    return page(ARTICLE, f"<script {kind}>{content}</script>")


LD = 'type="application/ld+json"'
NEXT = 'id="__NEXT_DATA__" type="application/json"'


def _article(**more: object) -> str:
    return json.dumps({"@type": "NewsArticle", "headline": TITLE, **more}, ensure_ascii=False)


@monster("JSON-LD with a body")
def ld_body(size: int) -> str:
    return _script(LD, _article(articleBody=filled(SENTENCE, size)))


@monster("JSON-LD with a body of markup")
def ld_markup(size: int) -> str:
    return _script(LD, _article(articleBody=filled(f"<p>{SENTENCE}</p>", size)))


@monster("JSON-LD with a headline")
def ld_headline(size: int) -> str:
    return _script(LD, _article().replace(TITLE, filled(SENTENCE, size)))


@monster("JSON-LD of many articles")
def ld_many(size: int) -> str:
    return _script(LD, "[" + filled(_article(datePublished="2026-11-24") + ",", size) + "{}]")


@monster("JSON-LD of many numbers")
def ld_numbers(size: int) -> str:
    return _script(LD, "[" + filled("1,", size) + "1]")


@monster("JSON-LD with many authors")
def ld_authors(size: int) -> str:
    return _script(LD, _article(author=[{"name": "নিজস্ব প্রতিবেদক"}] * (size // 60)))


@monster("JSON-LD cut off")
def ld_cut(size: int) -> str:
    return _script(LD, "[" + filled(_article() + ",", size))


@monster("JSON-LD escaped")
def ld_escaped(size: int) -> str:
    return _script(LD, filled("{&quot;a&quot;:&quot;b&quot;},", size))


@monster("JSON-LD of bad escapes")
def ld_bad_escapes(size: int) -> str:
    return _script(LD, '{"a":"' + filled("\\x", size) + '"}')


@monster("JSON-LD of commas")
def ld_commas(size: int) -> str:
    return _script(LD, "[" + filled(",   ", size) + "}")


@monster("JSON-LD of spaces")
def ld_spaces(size: int) -> str:
    return _script(LD, "{" + filled(" ", size) + "]")


@monster("JSON-LD nested")
def ld_nested(size: int) -> str:
    return _script(LD, '{"@graph":[' * max(1, size * 100_000 // WHOLE))


@monster("JSON-LD nested and closed")
def ld_closed(size: int) -> str:
    count = max(1, size * 100_000 // WHOLE)
    return _script(LD, "[" * count + "]" * count)


@monster("a story in Next.js")
def next_story(size: int) -> str:
    return _script(NEXT, json.dumps({"props": {"title": TITLE, "body": filled(f"<p>{SENTENCE}</p>", size)}}))


@monster("stories in Next.js")
def next_stories(size: int) -> str:
    return _script(NEXT, "[" + filled(json.dumps({"title": TITLE, "body": SENTENCE}) + ",", size) + "{}]")


@monster("data nested in Next.js")
def next_nested(size: int) -> str:
    return _script(NEXT, '{"a":' * max(1, size * 100_000 // WHOLE))


@monster("flight data")
def flight(size: int) -> str:
    push = "<script>self.__next_f.push([1," + json.dumps('1:{"title":"ক","body":"খ"}\n' * 3) + "])</script>"
    return page(ARTICLE + filled(push, size))


@monster("flight data in one row")
def flight_row(size: int) -> str:
    return _script("", "self.__next_f.push([1," + json.dumps("1:" + filled("a", size)) + "])")


@monster("a function of Nuxt")
def nuxt_function(size: int) -> str:
    values = ",".join(f'a{number}:"{SENTENCE}"' for number in range(size // 280))
    return _script("", f"window.__NUXT__=(function(a){{return {{{values}}}}}(1))")


@monster("a function of Nuxt without an end")
def nuxt_endless(size: int) -> str:
    return _script("", "window.__NUXT__=(function(a){" + filled("a.b=1;", size))


@monster("functions of Nuxt")
def nuxt_functions(size: int) -> str:
    return _script("", filled("__NUXT__=(function(a){return ", size))


@monster("a payload of Nuxt")
def nuxt_payload(size: int) -> str:
    row = json.dumps([{"title": 1, "body": 2, "more": 3}, TITLE, SENTENCE, [0, 0, 0]])[1:-1]
    return _script('id="__NUXT_DATA__" type="application/json"', f"[{filled(row + ',', size)}1]")


@monster("a script")
def giant_script(size: int) -> str:
    return _script("", filled("var a = {};\n", size))


@monster("assignments")
def assignments(size: int) -> str:
    return _script("", filled("window.__DATA__ = {", size))


@monster("a sheet of styles")
def giant_style(size: int) -> str:
    return page(ARTICLE, f"<style>{filled('a{b:c}', size)}</style>")
