"""Elements inside a container that are no part of its article, by their tags, names and links."""

from __future__ import annotations

from lxml.html import HtmlElement

from crawler.bengali.text import words
from crawler.extraction.document import text_of
from crawler.extraction.naming import has_name_of, is_dialog, is_hidden
from crawler.extraction.teasers import is_teaser, link_share, lists_stories

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
# Parts of a page beside its main text.
_LANDMARKS = frozenset({"region", "complementary"})


def dropped(element: HtmlElement, limit: float) -> bool:
    """Tell whether an element inside a container is no part of the article; `limit` as in `is_junk`."""
    tag = element.tag
    if tag in _SILENT or tag == "figure":
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
        return len(text_of(element)) < limit or lists_stories(element)
    # What is hidden may be the rest of a text that a button shows.
    if is_hidden(element) or has_name_of(element, _WEAK_WORDS):
        size = len(text_of(element))
        return size < limit and (size < _FEW_WORDS or link_share(element) > 0.3)
    return False
