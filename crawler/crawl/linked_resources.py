"""The addresses of resources that a page or a stylesheet names. Pure."""

import re
from contextlib import suppress
from functools import partial
from urllib.parse import urldefrag, urljoin

import tinycss2
from scrapy.http import HtmlResponse
from scrapy.selector import Selector
from scrapy.utils.response import get_base_url
from tinycss2.bytes import decode_stylesheet_bytes
from w3lib.url import safe_url_string

from crawler.model.addresses import is_web_address

# What of a page is searched for links, and what of a stylesheet is parsed, which takes a second.
PAGE_BYTES, SHEET_BYTES = 1 << 18, 1 << 19
COMMENT, LINK = re.compile(r"<!--.*?-->", re.DOTALL), re.compile(r"<link\b[^>]*>", re.IGNORECASE)


def stylesheets_of(page: HtmlResponse) -> list[str]:
    """Return the addresses of a page's stylesheets, those that a script puts into use included."""
    head = page.body[:PAGE_BYTES].decode(page.encoding, "replace")
    links = Selector(text="".join(LINK.findall(COMMENT.sub("", head))) or "<p>").css("link[href]")
    found, base = [], page.url
    with suppress(ValueError):
        base = get_base_url(page)
    for link in links:
        kinds = link.attrib.get("rel", "").lower().split()
        is_early = "preload" in kinds and link.attrib.get("as", "").lower() == "style"
        if is_early or ("stylesheet" in kinds and "alternate" not in kinds):
            found.append(address(base, link.attrib["href"]))
    return list(dict.fromkeys(filter(None, found)))


def addresses_in(sheet: bytes, base: str) -> list[str]:
    """Return the addresses that a stylesheet imports or names in `url()`, in order; `base` is its own."""
    text, _ = decode_stylesheet_bytes(sheet[:SHEET_BYTES])
    rule, found = "", []
    # No recursion: blocks may be nested without end.
    waiting = [*reversed(tinycss2.parse_component_value_list(text))]
    while waiting:
        node = waiting.pop()
        is_address = node.type == "url" or (node.type == "string" and rule == "import")
        if node.type == "at-keyword":
            rule = node.lower_value
        elif node == ";" or node.type == "{} block":
            rule = ""
        elif node.type == "function" and node.lower_name == "url":
            found += [one.value for one in node.arguments if one.type == "string" and rule != "namespace"]
            continue
        elif is_address and rule != "namespace":
            found.append(node.value)
        waiting += reversed(getattr(node, "content", None) or getattr(node, "arguments", None) or [])
    addresses = map(partial(address, base), found)
    return [url for url in dict.fromkeys(addresses) if url and url != base]


def address(base: str, reference: str) -> str | None:
    """Return the web address of a resource; None for another one, such as its data itself."""
    with suppress(ValueError):
        # Spelled as in a request.
        url = safe_url_string(urldefrag(urljoin(base, reference.strip())).url)
        return url if reference.strip() and is_web_address(url) else None
    return None
