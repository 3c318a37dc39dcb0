"""Elements inside a container that are no part of its article: by tag, name or link, or as teasers of other stories."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice

from lxml.html import HtmlElement

from crawler.bengali.text import words
from crawler.extraction.page.document import has_text, text_of
from crawler.extraction.page.naming import is_dialog, is_hidden, names_of

_HEADINGS = frozenset(words("h1 h2 h3 h4 h5 h6"))
_SENTENCE_END = re.compile(r"[।!?]['’”\")»]*$")
_LINKED = 0.85
_CARDS = frozenset({"div", "li", "article", "section", "a"})
_PARTS_OF_CARDS = frozenset({"p", "div"})
_FIRST_PARTS = 8


def is_teaser(element: HtmlElement) -> bool:
    """Return whether an element is one of three or more that open with a linked title, or a linked inner article."""
    parent = element.getparent() if element.tag in _CARDS else None
    if parent is None or not _opens_with_link(element):
        return False
    if element.tag == "article" and next(element.iterancestors("article"), None) is not None:
        return True
    alike = (other for other in parent if other.tag == element.tag and other.get("class") == element.get("class"))
    return len(list(islice(filter(_opens_with_link, alike), 3))) == 3


def _opens_with_link(element: HtmlElement) -> bool:
    parts = list(islice(element.iterdescendants("*"), _FIRST_PARTS))
    heading = next((part for part in parts if part.tag in _HEADINGS), None)
    if heading is not None:
        return _leads_away(heading)
    title = next((part for part in parts if part.tag == "a" and text_of(part)), None)
    return title is not None and _is_title(title) and text_of(element).startswith(text_of(title))


def _is_title(link: HtmlElement) -> bool:
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


def lists_stories(element: HtmlElement) -> bool:
    linked = others = 0
    for heading in filter(has_text, element.iter(*_HEADINGS)):
        if link_share(heading) > _LINKED:
            linked += 1
        else:
            others += 1
        if others > 1:
            return False
    return linked > 2


def is_linked(heading: HtmlElement) -> bool:
    return next(heading.iterancestors("a"), None) is not None or link_share(heading) > 0.5


def link_share(element: HtmlElement) -> float:
    """Return the share of an element's text that stands in links, 0 to 1; 1 for an element without text."""
    links = list(element.iter("a"))
    # All of the text is read only to be compared.
    total = len(text_of(element)) if links else has_text(element)
    return sum(len(text_of(link)) for link in links) / total if total else 1.0


_SILENT = frozenset(
    words(
        "script style noscript template iframe object embed svg canvas map form button input select textarea"
        " label nav footer dialog figcaption audio head menu marquee video"
    )
)
_EMBEDS = frozenset(words("twitter-tweet twitter-video instagram-media fb-post fb-video tiktok-embed bluesky-embed"))
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
# An element of junk name that holds this share of the container's text is no junk.
_TOO_MUCH_TO_DROP = 0.4
_BEGINNING = 400
_LANDMARKS = frozenset({"region", "complementary"})


class Junk:
    def __init__(self, container: HtmlElement) -> None:
        self.container = container

    def holds(self, element: HtmlElement) -> bool:
        tag = element.tag
        if tag in _SILENT or tag == "figure":
            return tag != "figure" or element.find(".//table") is None
        if tag == "blockquote" and not _EMBEDS.isdisjoint((element.get("class") or "").split()):
            return True
        if is_teaser(element) or (tag == "aside" and link_share(element) > 0.5):
            return True
        return self._is_junk(element)

    def _is_junk(self, element: HtmlElement) -> bool:
        if not element.keys() or element.tag in {"body", "html", "main", "article"}:
            return False
        named, pairs = names_of(element)
        is_weak = not _WEAK_WORDS.isdisjoint(named)
        is_named = not (_JUNK_WORDS.isdisjoint(named) and _JUNK_PAIRS.isdisjoint(pairs))
        if is_named or (is_weak and element.get("role") in _LANDMARKS) or is_dialog(element):
            return self._is_little(len(text_of(element))) or lists_stories(element)
        # What is hidden may be the rest of a text that a button shows.
        if is_weak or is_hidden(element):
            size = len(text_of(element))
            return self._is_little(size) and (size < _FEW_WORDS or link_share(element) > 0.3)
        return False

    def _is_little(self, size: int) -> bool:
        return not size or size < self._surely_little or size < self._limit

    @cached_property
    def _surely_little(self) -> float:
        """What is little of the container's beginning: most are that, and not all of the container is read for them."""
        return _BEGINNING * _TOO_MUCH_TO_DROP if has_text(self.container, _BEGINNING) else 0.0

    @cached_property
    def _limit(self) -> float:
        return len(text_of(self.container)) * _TOO_MUCH_TO_DROP
