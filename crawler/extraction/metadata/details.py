"""Find the smaller fields of an article, each from the first of its sources that has a value."""

import re
from typing import Any
from urllib.parse import urlsplit

from crawler.bengali.language import language
from crawler.bengali.text import fold, normalize
from crawler.extraction.page.document import Document, text_of
from crawler.extraction.page.structured import text_value
from crawler.model.addresses import clean, is_web_address
from crawler.outlets.outlet import Outlet

_SUBTITLES = ".DsubHead, .jeg_post_subtitle, .entry-sub-title, .td-post-sub-title, .subtitle"
_DESCRIPTIONS = ("og:description", "description", "twitter:description")
_IMAGES = ("og:image", "og:image:url", "twitter:image")
_LANGUAGES = ("content-language", "og:locale")
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?=[-_]|$)", re.I)
# The last step of an article's address has a number or several words; that of a section is one plain word.
_PAGE_NAME = re.compile(r"[\d%_-]|[^\x00-\x7f]")
_SAME_SITE = re.compile(r"^(?:(?:www|m|mobile|amp)\.)+")


def find_subtitle(document: Document, title: str) -> str | None:
    stated = text_value(document.structured.article.get("alternativeHeadline"))
    marked = map(text_of, document.structured.microdata.get("alternativeHeadline", ()))
    texts = (text for text in (stated, *marked, *document.texts(_SUBTITLES)) if text and fold(text) != fold(title))
    return next(map(normalize, texts), None)


def find_description(document: Document) -> str | None:
    data = document.structured
    text = data.first_meta(*_DESCRIPTIONS) or text_value(data.article.get("description"))
    return normalize(text) if text else None


def find_image(document: Document) -> str | None:
    data = document.structured
    stated: Any = data.article.get("image")
    items = stated if isinstance(stated, list) else [stated]
    values = [item.get("url") or item.get("contentUrl") if isinstance(item, dict) else item for item in items]
    values += [value for name in _IMAGES for value in data.meta.get(name, ())]
    addresses = (document.absolute(value) for value in values if isinstance(value, str) and value.strip())
    return next(filter(is_web_address, addresses), None)


def find_canonical(document: Document, outlet: type[Outlet], url: str) -> str:
    """Return the address of an article without aliases."""
    if outlet.key_of(url) is not None:
        return outlet.canonical_url(url)
    links = (link for link in document.index.tagged("link") if link.get("rel") == "canonical")
    stated = (clean(document.absolute(link.get("href") or "")) for link in links)
    own = (address for address in stated if is_web_address(address) and _is_page_of_site(address, url))
    return outlet.canonical_url(next(own, url))


def _is_page_of_site(address: str, url: str) -> bool:
    parts = urlsplit(address)
    name = parts.path.rstrip("/").rpartition("/")[2] + parts.query
    hosts = {_SAME_SITE.sub("", urlsplit(each).hostname or "") for each in (address, url)}
    return len(hosts) == 1 and _PAGE_NAME.search(name) is not None


def find_language(document: Document, text: str) -> str:
    """Return the language of a text, else the declared one; a text without it is not Bengali or Assamese."""
    found = language(text)
    declared = document.tree.get("lang") or document.structured.first_meta(*_LANGUAGES) or ""
    tag = _LANGUAGE_TAG.match(declared.strip())
    if found != "und" or tag is None or tag[0].lower() in {"bn", "as"}:
        return found
    return tag[0].lower()
