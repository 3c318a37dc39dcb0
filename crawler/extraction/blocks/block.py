"""The blocks of text inside a container, as a reader sees them: paragraphs, headings, list items, quotes, rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from lxml import etree
from lxml.html import HtmlElement

from crawler.bengali.text import normalize, words
from crawler.extraction.blocks.junk import Junk
from crawler.extraction.page.document import text_of

Kind = Literal["paragraph", "heading", "item", "row"]
BLOCK_TAGS = frozenset(
    words(
        "address article aside blockquote body center cite dd details div dl dt fieldset figure h1 h2 h3 h4"
        " h5 h6 header hr li main ol p pre section summary table tbody td tfoot th thead tr ul br"
    )
)
_HEADINGS = frozenset(words("h1 h2 h3 h4 h5 h6"))
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(_HEADINGS, "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "item"),
    "tr": "row",
}
_LEAVES_KIND = frozenset({"br", "p", "div"})
_PICTURES = frozenset(words("img picture figure video amp-img"))
_SPANS = frozenset({"span", "time"})
_CELLS = frozenset({"td", "th"})
_EMPHASIS = frozenset({"em", "i", "small"})
_MARKS = _PICTURES | _EMPHASIS | {"a"}
_SENTENCE_END = re.compile(r"[।!?]['’”\")»]*$")
# Whose spans are parts of one paragraph, whatever they end in.
_OF_ONE_LINE = frozenset(words("p li h1 h2 h3 h4 h5 h6 a span b strong em i"))
_KEEPS_LINES, _STYLED = re.compile(r"white-?space\s*[:-]\s*(?:pre|break-spaces)", re.I), 2
_SENTENCE_SIZE = 40


@dataclass(slots=True)
class Block:
    """One block: its normalised text, how much of it is linked or emphasised, and what stood before it."""

    text: str
    kind: Kind = "paragraph"
    linked: int = 0
    emphasised: int = 0
    after_picture: bool = False
    beside_picture: bool = False
    element: HtmlElement | None = None

    def around(self) -> Iterator[HtmlElement]:
        """Yield the block's element and those around it, from the inside; nothing for a block of page data."""
        if self.element is not None:
            yield self.element
            yield from self.element.iterancestors()


@dataclass(slots=True)
class _Walk:
    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    emphasised: int = 0
    links: int = 0
    emphases: int = 0
    kind: Kind = "paragraph"
    row: HtmlElement | None = None
    picture: bool = False
    picture_here: bool = False
    element: HtmlElement | None = None
    block_tags: frozenset[str] = BLOCK_TAGS
    opened: list[tuple[bool, int, int]] = field(default_factory=list)

    def add(self, text: str, holder: HtmlElement) -> None:
        if text.isspace():
            if self.pieces:
                self.pieces.append(text)
        elif "\n" in text and "\n" in text.strip() and self.row is None and _keeps_lines(holder):
            for number, line in enumerate(text.split("\n")):
                if number:
                    self.flush()
                self.add(line, holder)
        else:
            self.pieces.append(text)
            if self.links or self.emphases:
                size = len(text.strip())
                self.linked += size if self.links else 0
                self.emphasised += size if self.emphases else 0

    def flush(self) -> None:
        self._end_block(" ".join("".join(self.pieces).split()))
        self.pieces, self.linked, self.emphasised = [], 0, 0

    def _end_block(self, line: str) -> None:
        text = line and normalize(line).strip(" |")
        if text:
            self.blocks.append(
                Block(text, self.kind, self.linked, self.emphasised, self.picture, self.picture_here, self.element)
            )
            self.picture = self.picture_here = False


def blocks_of(container: HtmlElement) -> list[Block]:
    return walk_blocks(container, Junk(container).holds)


def walk_blocks(
    container: HtmlElement,
    drop: Callable[[HtmlElement], bool],
    blocks: frozenset[str] = BLOCK_TAGS,
    end: HtmlElement | None = None,
) -> list[Block]:
    """Return the blocks of a container before the element `end`, without elements for which `drop` is true."""
    walk = _Walk(element=container, block_tags=blocks)
    events = etree.iterwalk(container, events=("start", "end"))
    for event, element in events:
        if element is end:
            break
        if event == "end":
            _leave(walk, element)
            if (tail := element.tail) and (walk.pieces or not tail.isspace()) and element is not container:
                walk.add(tail, element.getparent())
        elif element is not container and drop(element):
            walk.opened.append((False, walk.links, walk.emphases))
            events.skip_subtree()
            if element.tag in _PICTURES:
                _enter_picture(walk, element)
        else:
            _enter(walk, element)
    walk.flush()
    return walk.blocks


def _enter(walk: _Walk, element: HtmlElement) -> None:
    tag = element.tag
    is_block = False
    if walk.row is None:
        is_break = tag == "br" or (tag == "span" and _is_break(element))
        is_block = tag in walk.block_tags or ((tag in _SPANS or "-" in tag) and _is_block_by_place(element))
        if is_block or is_break:
            _begin_block(walk, element, is_break)
    elif tag in _CELLS:
        walk.add(" | ", element)
    walk.opened.append((is_block, walk.links, walk.emphases))
    if tag in _MARKS:
        _mark(walk, element)
    # Most is the space between elements.
    if (text := element.text) and (walk.pieces or not text.isspace()):
        walk.add(text, element)


def _mark(walk: _Walk, element: HtmlElement) -> None:
    if element.tag in _PICTURES:
        _enter_picture(walk, element)
    elif element.tag == "a":
        walk.links += _is_link(element)
    else:
        walk.emphases += 1


def _begin_block(walk: _Walk, element: HtmlElement, is_break: bool) -> None:
    tag = element.tag
    if walk.pieces:
        walk.flush()
    walk.kind = _KINDS.get(tag) or (walk.kind if tag in _LEAVES_KIND else "paragraph")
    walk.row = element if tag == "tr" and _is_plain_row(element) else None
    if not is_break:
        walk.element, walk.picture_here = element, False


def _enter_picture(walk: _Walk, picture: HtmlElement) -> None:
    # A figure that has its caption leaves none to the text after it.
    if not len(picture) or picture.find(".//figcaption") is None:
        walk.picture = walk.picture_here = True


def _leave(walk: _Walk, element: HtmlElement) -> None:
    is_block, walk.links, walk.emphases = walk.opened.pop()
    if not is_block:
        return
    if walk.pieces:
        walk.flush()
    if walk.row is not None:
        walk.row, walk.element = None, element.getparent()
    elif element.tag != "br":
        walk.kind = "paragraph"
        walk.picture_here = False
        walk.element = element.getparent()


def _keeps_lines(element: HtmlElement) -> bool:
    around = (element, *islice(element.iterancestors(), _STYLED))
    return any(each.tag == "pre" or _KEEPS_LINES.search(f"{each.get('style')} {each.get('class')}") for each in around)


def _is_link(element: HtmlElement) -> bool:
    """Tell a link from the mark by which a heading leads to itself."""
    return not (element.get("href") or "").startswith("#") or next(element.iterancestors(*_HEADINGS), None) is None


def _is_break(element: HtmlElement) -> bool:
    """Tell an empty span that a style sheet makes a line break (Times Internet: <span class="… br">)."""
    return not len(element) and not element.text and "br" in (element.get("class") or "").split()


def _is_block_by_place(element: HtmlElement) -> bool:
    tag = element.tag
    if tag in _SPANS:
        return _is_block_span(element)
    if "-" not in tag or tag in _PICTURES:
        return False
    if any(child.tag in BLOCK_TAGS or "-" in child.tag for child in element):
        return True
    if (element.tail or "").strip():
        return False
    parent, before = element.getparent(), element.getprevious()
    if parent is None or parent.tag in _OF_ONE_LINE:
        return False
    return not ((parent.text if before is None else before.tail) or "").strip()


def _is_block_span(element: HtmlElement) -> bool:
    """Return whether a span is a paragraph by its style, as a lone time, or as one of several sentences in spans."""
    if "display:block" in (element.get("style") or "").replace(" ", "").lower():
        return True
    parent, beside = element.getparent(), [element.getprevious(), element.getnext()]
    if parent is None or parent.tag in _OF_ONE_LINE:
        return False
    if element.tag == "time":
        return not (element.tail or "").strip()
    if not _is_sentence(element):
        return False
    return any(other is not None and other.tag == "span" and _is_sentence(other) for other in beside)


def _is_sentence(span: HtmlElement) -> bool:
    if (span.tail or "").strip():
        return False
    text = "".join(span.itertext()).strip()
    return len(text) >= _SENTENCE_SIZE and _SENTENCE_END.search(text[-8:]) is not None


def _is_plain_row(row: HtmlElement) -> bool:
    return not any(child.tag in BLOCK_TAGS and child.tag not in _CELLS for child in row.iterdescendants("*")) and (
        len(text_of(row)) < 400
    )


@dataclass(slots=True)
class Body:
    """Paragraphs, their containers (none for page data), and the first and last lines of these before any rule."""

    paragraphs: list[str] = field(default_factory=list)
    containers: list[HtmlElement] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    def __len__(self) -> int:
        return sum(map(len, self.paragraphs))
