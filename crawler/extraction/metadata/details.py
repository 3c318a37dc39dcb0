"""The smaller fields: subtitle, description, picture, canonical address, language, warnings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from crawler.bengali.language import is_legacy, is_mixed, language
from crawler.bengali.text import fold, normalize
from crawler.extraction.page.decoding import is_garbled
from crawler.extraction.page.document import Document
from crawler.extraction.page.jsonld import text_value
from crawler.model.addresses import clean, is_web_address
from crawler.model.article import Article
from crawler.outlets.outlet import Outlet

SHORT_TEXT = 150
_SUBTITLE = (
    ".DsubHead, .jeg_post_subtitle, .entry-sub-title, [itemprop=alternativeHeadline], .td-post-sub-title, .subtitle"
)
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?=[-_]|$)", re.I)
_LEGACY_FONT = re.compile(r"sutonny|bijoy|adarshalipi|solaimanlipi\s*mj|[a-z]+mj\b", re.I)
_OPT_OUTS = {"noarchive": "noarchive", "noai": "noai", "noimageai": "noimageai"}
# An article's own part of an address has a number, or words: a section's is one plain word.
_PAGE_NAME = re.compile(r"[\d%_-]|[^\x00-\x7f]")
_SAME_SITE = re.compile(r"^(?:(?:www|m|mobile|amp)\.)+")


def find_subtitle(document: Document, title: str) -> str | None:
    told = text_value(document.structured.article.get("alternativeHeadline"))
    for text in (told, *document.texts(_SUBTITLE)):
        if text and fold(text) != fold(title):
            return normalize(text)
    return None


def find_description(document: Document) -> str | None:
    data = document.structured
    told = data.first_meta("og:description", "description", "twitter:description")
    text = told or text_value(data.article.get("description"))
    return normalize(text) if text else None


def find_image(document: Document) -> str | None:
    data = document.structured
    meta = [*data.meta.get("og:image", ()), *data.meta.get("og:image:url", ()), *data.meta.get("twitter:image", ())]
    for address in (*_addresses(data.article.get("image")), *meta):
        full = document.absolute(address)
        if is_web_address(full):
            return full
    return None


def _addresses(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        found = (item.get("url") or item.get("contentUrl")) if isinstance(item, dict) else item
        if isinstance(found, str) and found.strip():
            yield found


def find_canonical(document: Document, outlet: type[Outlet], url: str) -> str:
    """Return the address without aliases: by the outlet's rules, else the page's own word when it is of this site."""
    if outlet.key_of(url) is not None:
        return outlet.canonical_url(url)
    links = document.select("link[rel~=canonical]")
    told = (clean(document.absolute(link.get("href") or "")) for link in links)
    believed = (address for address in told if is_web_address(address) and _names_a_page_of(url, address))
    return outlet.canonical_url(next(believed, url))


def _names_a_page_of(url: str, address: str) -> bool:
    parts = urlsplit(address)
    name = parts.path.rstrip("/").rpartition("/")[2] + parts.query
    return _host(address) == _host(url) and bool(_PAGE_NAME.search(name))


def _host(url: str) -> str:
    return _SAME_SITE.sub("", urlsplit(url).hostname or "")


def find_language(document: Document, text: str) -> str:
    told = language(text)
    if told != "und":
        return told
    declared = document.tree.get("lang") or document.structured.first_meta("content-language", "og:locale") or ""
    tag = _LANGUAGE_TAG.match(declared.strip())
    return tag[0].lower() if tag and tag[0].lower() not in {"bn", "as"} else "und"


def find_warnings(document: Document, article: Article) -> list[str]:
    # Where the page names a font of Bijoy's, less evidence is enough.
    legacy = is_legacy(article.text, font_named=True) and (is_legacy(article.text) or _names_legacy_font(document))
    found = {
        "no-date": article.published is None,
        "short-text": len(article.text) < SHORT_TEXT,
        "not-bengali": article.language != "bn" and not legacy,
        "mixed-language": is_mixed(article.text),
        "legacy-font": legacy,
        "mojibake": is_garbled(f"{article.title}\n{article.text}"),
    }
    return [code for code, holds in found.items() if holds] + opt_outs(document)


def _names_legacy_font(document: Document) -> bool:
    elements = document.tree.iter("font", "span", "p", "div", "style")
    told = ((e.get("face"), e.get("style"), e.text if e.tag == "style" else None) for e in elements)
    return any(_LEGACY_FONT.search(value) for values in told for value in values if value)


def opt_outs(document: Document) -> list[str]:
    data = document.structured
    said = {
        word.strip().lower()
        for name in ("robots", "googlebot")
        for c in data.meta.get(name, ())
        for word in c.split(",")
    }
    found = [code for word, code in _OPT_OUTS.items() if word in said]
    return found + (["tdm-reservation"] if "1" in data.meta.get("tdm-reservation", ()) else [])
