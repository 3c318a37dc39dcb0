"""The blocks of text inside a container, as a reader sees them: paragraphs, headings, list items, quotes, rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from lxml import etree
from lxml.html import HtmlElement

from crawler.bengali.text import normalize, words
from crawler.extraction.document import text_of
from crawler.extraction.naming import has_name_of, is_dialog, is_hidden

Kind = Literal["paragraph", "heading", "item", "row"]

SILENT = frozenset(
    words(
        "script style noscript template iframe object embed svg canvas map form button input select textarea"
        " label nav footer dialog figcaption audio head menu"
    )
)
BLOCK_TAGS = frozenset(
    words(
        "address article aside blockquote body center cite dd details div dl dt fieldset figure h1 h2 h3 h4"
        " h5 h6 header hr li main ol p pre section summary table tbody td tfoot th thead tr ul br"
    )
)
_HEADINGS = frozenset(words("h1 h2 h3 h4 h5 h6"))
_PICTURES = frozenset(words("img picture figure video amp-img"))
_SPANS = frozenset({"span", "time"})
_CELLS = frozenset({"td", "th"})
_EMPHASIS = frozenset({"em", "i", "small"})
_EMBEDS = frozenset(words("twitter-tweet twitter-video instagram-media fb-post fb-video tiktok-embed bluesky-embed"))
_SENTENCE_END = re.compile(r"[।!?]['’”\")»]*$")
# Whose spans are parts of one paragraph, whatever they end in.
_OF_ONE_LINE = frozenset(words("p li h1 h2 h3 h4 h5 h6 a span b strong em i"))
# Words of class names and ids under which no article text stands, on any of the publishing systems met.
_JUNK_WORDS = frozenset(
    words(
        "related relatedposts readmore alsoread share shares sharing sharethis sharedaddy addtoany comment"
        " comments respond disqus adsbygoogle advert advertisement advertise adslot dfp gpt sponsor sponsored"
        " newsletter subscribe subscription tagcloud tagarea breadcrumb breadcrumbs pagination pager sidebar"
        " popular trending recommended recommendation recommendations outbrain taboola mgid caption copyright"
        " cookie login toc rating byline postmeta authorbox bio biography followus googlenews whatsapp"
        " telegram prevnext nextprev navigation nav menu footer outlink jadeshare keyword keywords topics"
        " hashtag reaction reactions consent gdpr onetrust didomi ccpa"
    )
)
_JUNK_PAIRS = frozenset(
    words(
        "read-more also-read more-news read-also see-also more-link more-stories more-from you-may"
        " latest-news top-news post-meta entry-meta meta-info post-views post-tags entry-tags tag-links"
        " tag-list tag-area post-bottom share-links google-news follow-us font-size text-size author-box"
        " author-info author-name post-author news-tag news-tags instagram-media fb-post tiktok-embed"
        " screen-reader sr-only visually-hidden next-post prev-post post-nav a2a-kit multi-read read-box"
        " related-news related-post related-posts publish-time post-date entry-date date-time image-caption"
        " photo-caption wp-caption news-caption img-caption inline-gallery post-footer entry-footer"
        " sidebar-widget widget-area"
    )
)
# Words that page builders also give to parts of the text: sentences in such an element stay.
_WEAK_WORDS = frozenset(
    words("ad ads banner promo promotion widget social socials tag tags author credit print zoom toolbar poll")
)
_FEW_WORDS = 60
# Parts of a page beside its main text.
_LANDMARKS = frozenset({"region", "complementary"})
# An element of junk name that holds this share of the container's text is no junk.
_TOO_MUCH_TO_DROP = 0.4
_SENTENCE_SIZE = 40
# A heading of which this share is linked is another story's.
_LINKED = 0.85
_CARDS = frozenset({"div", "li", "article", "section", "a"})
_PARTS_OF_CARDS = frozenset({"p", "div"})
# How far into a teaser its heading stands: behind a picture.
_FIRST_PARTS = 8


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


@dataclass(slots=True)
class _Walk:
    """What is being read: the block under way and the marks that apply to it."""

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
    skipped: list[HtmlElement] = field(default_factory=list)

    def add(self, text: str | None) -> None:
        if text:
            self.pieces.append(text)
            if self.links or self.emphases:
                size = len(text.strip())
                self.linked += size if self.links else 0
                self.emphasised += size if self.emphases else 0

    def flush(self) -> None:
        if self.pieces:
            self._end_block(" ".join("".join(self.pieces).split()))
            self.pieces, self.linked, self.emphasised = [], 0, 0

    def _end_block(self, line: str) -> None:
        text = line and normalize(line).strip(" |")
        if text:
            self.blocks.append(
                Block(
                    text,
                    self.kind,
                    self.linked,
                    self.emphasised,
                    self.picture,
                    self.picture_here,
                    self.element,
                )
            )
            self.picture = self.picture_here = False


def blocks_of(container: HtmlElement) -> list[Block]:
    """Return the blocks of a container in order, without what is silent, hidden or of junk name."""
    limit = len(text_of(container)) * _TOO_MUCH_TO_DROP
    return walk_blocks(container, lambda element: dropped(element, limit))


def walk_blocks(
    container: HtmlElement,
    drop: Callable[[HtmlElement], bool],
    blocks: frozenset[str] = BLOCK_TAGS,
    end: HtmlElement | None = None,
) -> list[Block]:
    """Return the blocks of a container in order, without the elements that `drop` names; `blocks` are the tags
    that begin and end one, and where the element `end` begins the reading stops."""
    walk = _Walk(element=container, block_tags=blocks)
    events = etree.iterwalk(container, events=("start", "end"))
    for event, element in events:
        if element is end:
            break
        if event == "end":
            _leave(walk, element)
            if element is not container:
                walk.add(element.tail)
        elif element is not container and drop(element):
            walk.skipped.append(element)
            events.skip_subtree()
            _enter_picture(walk, element)
        else:
            _enter(walk, element)
    walk.flush()
    return walk.blocks


def _enter(walk: _Walk, element: HtmlElement) -> None:
    tag = element.tag
    if tag == "span" and _is_break(element):
        tag = "br"
    if walk.row is not None and tag in _CELLS:
        walk.add(" | ")
    elif walk.row is None and (tag in walk.block_tags or (tag in _SPANS and _is_block_span(element))):
        walk.flush()
        walk.kind = _kind(element, walk.kind)
        walk.element = element if tag != "br" else walk.element
        walk.row = element if tag == "tr" and _is_plain_row(element) else None
        walk.picture_here = walk.picture_here and tag == "br"
    if tag in _PICTURES:
        _enter_picture(walk, element)
    elif tag == "a":
        walk.links += _is_link(element)
    elif tag in _EMPHASIS:
        walk.emphases += 1
    walk.add(element.text)


def _enter_picture(walk: _Walk, element: HtmlElement) -> None:
    # A figure that has its caption leaves none to the text after it.
    if element.tag in _PICTURES and element.find(".//figcaption") is None:
        walk.picture = walk.picture_here = True


def _leave(walk: _Walk, element: HtmlElement) -> None:
    if walk.skipped and element is walk.skipped[-1]:
        walk.skipped.pop()
        return
    tag = element.tag
    if tag == "a":
        walk.links -= _is_link(element)
    elif tag in _EMPHASIS:
        walk.emphases -= 1
    if walk.row is not None and element is walk.row:
        walk.flush()
        walk.row, walk.element = None, element.getparent()
    elif walk.row is None and (tag in walk.block_tags or (tag in _SPANS and _is_block_span(element))):
        walk.flush()
        if tag != "br":
            walk.kind = "paragraph"
            walk.picture_here = False
            walk.element = element.getparent()


def _is_link(element: HtmlElement) -> bool:
    """Tell a link from the mark by which a heading leads to itself."""
    return not (element.get("href") or "").startswith("#") or next(element.iterancestors(*_HEADINGS), None) is None


def _is_break(element: HtmlElement) -> bool:
    """Tell an empty span that a style sheet makes a line break (Times Internet: <span class="… br">)."""
    return not len(element) and not element.text and "br" in (element.get("class") or "").split()


def _is_block_span(element: HtmlElement) -> bool:
    """Tell a span that is a paragraph: by its style, or as one of a run of spans that each hold a sentence.

    The time of a story is one too where no text follows it on its line.
    """
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


def _kind(element: HtmlElement, current: Kind) -> Kind:
    if element.tag in _HEADINGS:
        return "heading"
    if element.tag in {"li", "dt", "dd"}:
        return "item"
    if element.tag == "tr":
        return "row"
    return current if element.tag in {"br", "p", "div"} else "paragraph"


def _is_plain_row(row: HtmlElement) -> bool:
    """Tell a row of short cells, which is one line, from a row that lays out a page."""
    return not any(child.tag in BLOCK_TAGS and child.tag not in _CELLS for child in row.iterdescendants("*")) and (
        len(text_of(row)) < 400
    )


def dropped(element: HtmlElement, limit: float) -> bool:
    """Tell whether an element inside a container is no part of the article; `limit` as in `is_junk`."""
    tag = element.tag
    if tag in SILENT or tag == "figure":
        return tag != "figure" or element.find(".//table") is None
    if tag == "blockquote" and not _EMBEDS.isdisjoint((element.get("class") or "").split()):
        return True
    if is_teaser(element):
        return True
    if tag == "aside":
        return link_share(element) > 0.5 or is_junk(element, limit)
    return is_junk(element, limit)


def is_junk(element: HtmlElement, limit: float) -> bool:
    """Tell whether an element is hidden or of junk name, and holds fewer than `limit` characters."""
    if not element.attrib or element.tag in {"body", "html", "main", "article"}:
        return False
    landmark = element.get("role") in _LANDMARKS and has_name_of(element, _WEAK_WORDS)
    if landmark or is_dialog(element) or has_name_of(element, _JUNK_WORDS, _JUNK_PAIRS):
        return len(text_of(element)) < limit or _lists_stories(element)
    # What is hidden may be the rest of a text that a button shows.
    if is_hidden(element) or has_name_of(element, _WEAK_WORDS):
        size = len(text_of(element))
        return size < limit and (size < _FEW_WORDS or link_share(element) > 0.3)
    return False


def is_teaser(element: HtmlElement) -> bool:
    """Tell one of three and more elements side by side that each open with a heading that leads to a page, or an
    article inside an article that does."""
    parent = element.getparent()
    if parent is None or not _opens_with_link(element):
        return False
    if element.tag == "article" and next(element.iterancestors("article"), None) is not None:
        return True
    alike = (other for other in parent if other.tag == element.tag and other.get("class") == element.get("class"))
    return len(list(islice(filter(_opens_with_link, alike), 3))) == 3


def _opens_with_link(element: HtmlElement) -> bool:
    """Tell an element among whose first parts is a heading that is a link, or stands in one, to another page, or
    that opens with a title that is one, before other parts."""
    if element.tag not in _CARDS:
        return False
    parts = list(islice(element.iterdescendants("*"), _FIRST_PARTS))
    heading = next((part for part in parts if part.tag in _HEADINGS), None)
    if heading is not None:
        return _leads_away(heading)
    title = next((part for part in parts if part.tag == "a" and text_of(part)), None)
    return title is not None and _is_title(title) and text_of(element).startswith(text_of(title))


def _is_title(link: HtmlElement) -> bool:
    """Tell a link of several words, no sentence, after which another part follows."""
    text, after = text_of(link), link.getnext()
    follows = after is not None and after.tag in _PARTS_OF_CARDS and not (link.tail or "").strip()
    return follows and text.count(" ") >= 2 and not _SENTENCE_END.search(text) and "#" not in (link.get("href") or "#")


def _leads_away(heading: HtmlElement) -> bool:
    """Tell a heading that is one link; a link to a part of this page is that of a live blog's post."""
    around = [link for link in islice(heading.iterancestors(), 3) if link.tag == "a"]
    links = [*heading.iter("a"), *around]
    if not links or any("#" in (link.get("href") or "#") for link in links):
        return False
    return bool(around) or link_share(heading) > _LINKED


def _lists_stories(element: HtmlElement) -> bool:
    """Tell a list of other stories, however long: of its headings three and more are links, all but one."""
    headings = [heading for heading in element.iter(*_HEADINGS) if text_of(heading)]
    linked = sum(link_share(heading) > _LINKED for heading in headings)
    return linked > 2 and len(headings) - linked <= 1


def link_share(element: HtmlElement) -> float:
    """Return the share of an element's text that stands in links, 0 to 1; 1 for an element without text."""
    total = len(text_of(element))
    return sum(len(text_of(link)) for link in element.iter("a")) / total if total else 1.0
