"""The pages that a probe reads: their documents and links, and the names of their site."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from crawler.bengali.language import bengali_share
from crawler.bengali.sections import is_section, scope_of
from crawler.crawl.unrecorded import Answer
from crawler.extraction import NotAnArticle
from crawler.extraction.page.decoding import to_utf8
from crawler.extraction.page.document import Document, text_of
from crawler.model.addresses import absolute, host_of
from crawler.model.exit_codes import FAILED, REFUSED, Refused
from crawler.outlets.sources import BrokenSource, Reading, Visit, read

# The failure of an address that saved pages do not have.
NOT_GIVEN = "not-given"
# Shorter texts of links are names of sections or of pages of the site.
_HEADLINE_LENGTH, _HEADLINE_WORDS = 15, 3
# A link without text covers a card, whose heading is beside it.
_CARD_PARENTS = 2
_LANGUAGE = ("bn", "bangla", "bengali")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SEPARATOR = re.compile(r"\s+[|–—-]\s+|\s*(?:\||::)\s*")
_BENGALI = 0.5
# Longer names in capitals alone are not abbreviations.
_ACRONYM = 4
_KINDS = (
    ("channel", r"চ্যানেল|টিভি|টেলিভিশন|\btv\b|channel|television"),
    ("daily", r"দৈনিক|পত্রিকা|\bdaily\b|dainik"),
    ("agency", r"সংবাদ সংস্থা|news agency"),
    ("magazine", r"সাপ্তাহিক|মাসিক|weekly|magazine"),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The names and kind of a site; `missing` names the attributes that the site does not state."""

    title: str
    english: str
    kind: str
    country: str
    missing: list[str]


def required(answer: Answer) -> Answer:
    """Return an answer that the probe can't do without. Raises Refused."""
    if answer.refusal:
        raise Refused(f"{answer.url} refuses khobor: {answer.refusal}", REFUSED)
    if answer.failure:
        raise Refused(f"{answer.url} could not be fetched: {answer.failure}", FAILED)
    return answer


def place_of(url: str) -> tuple[str, ...]:
    """Return the same for all spellings of an address: with and without www., https or a last slash."""
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www."), unquote(parts.path).rstrip("/"), parts.query


def is_same(url: str, other: str) -> bool:
    return place_of(url) == place_of(other)


def unique(links: Mapping[str, str]) -> dict[str, str]:
    """Return links with each address in its first spelling, with its longest text."""
    spelling, found = dict[tuple[str, ...], str](), dict[str, str]()
    for url, text in links.items():
        first = spelling.setdefault(place_of(url), url)
        found[first] = max(found.get(first, ""), text, key=len)
    return found


def is_below(url: str, home: str) -> bool:
    """Return whether an address is on the site of a front page, in its folder."""
    (host, path, _), (home_host, folder, _) = place_of(url), place_of(home)
    return host == home_host and path.startswith(f"{folder}/")


def document_of(answer: Answer) -> Document | None:
    """Return the parsed page of an answer, None if it has none."""
    if answer.failure or answer.refusal:
        return None
    try:
        document = Document(to_utf8(answer.body, answer.content_type), answer.url)
        return document if document.index.order else None
    except NotAnArticle:
        return None


def reading_of(visit: Visit, answer: Answer) -> tuple[Reading, str | None]:
    """Return the content of a visit's answer, and its fault, if it is not a whole listing."""
    if answer.refusal or answer.failure:
        return Reading([], []), answer.refusal or answer.failure
    try:
        return read(visit, answer.body, answer.url, answer.content_type, answer.headers), None
    except BrokenSource as error:
        return Reading(error.listings, []), str(error)


def links_of(document: Document) -> dict[str, str]:
    """Return the addresses on the site that a page links to, each with its longest text."""
    base = next((one.get("href") for one in document.index.tagged("base") if one.get("href")), None)
    base, found = urljoin(document.url, base or ""), dict[str, str]()
    for link in document.index.tagged("a"):
        address = absolute(base, link.get("href") or "")
        if address and site_host(address) == site_host(document.url):
            text = text_of(link) or link.get("title") or ""
            if not text:
                around = [each for each, _ in zip(link.iterancestors(), range(_CARD_PARENTS), strict=False)]
                headings = (heading for each in around for heading in each.iter(*_HEADINGS))
                text = next(filter(None, map(text_of, headings)), "")
            found[address] = max(found.get(address, ""), text, key=len)
    return unique(found)


def site_host(url: str) -> str:
    return host_of(url).removeprefix("www.")


def is_headline(text: str) -> bool:
    return len(text) >= _HEADLINE_LENGTH and len(text.split()) >= _HEADLINE_WORDS and not is_section(text)


def home_of(url: str, links: Mapping[str, str]) -> str:
    """Return the front page: the lowest address with most of the sections below it, else the root.

    It is the page itself, or a linked address above it. A page named for the language is one.
    """
    if last_step(url) in _LANGUAGE:
        return url
    sections = [link for link, text in links.items() if is_section(last_step(link)) or is_section(text)]
    above = [link for link in links if is_below(url, link)]
    for home in sorted((one for one in (url, *above) if not urlsplit(one).query), key=len, reverse=True):
        if 2 * sum(is_below(section, home) for section in sections) > len(sections):
            return home
    return urljoin(url, "/")


def last_step(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def is_national(url: str, text: str = "") -> bool:
    """Return whether an address or the text of its link names national news."""
    return scope_of(last_step(url)) == "national" or (bool(text) and scope_of(text) == "national")


def identity_of(pages: Sequence[Document], url: str) -> Identity:
    """Return the names that pages state for their site, empty ones where they state none."""
    stated = [part for page in pages for name in page.structured.site_names for part in _SEPARATOR.split(name)]
    titles = [page.structured.title for page in pages]
    parts = [part for name in stated + titles for each in _SEPARATOR.split(name) if (part := each.strip())]
    repeated = [part for part in parts if part in stated or sum(part in title for title in titles) > 1]
    title = next((part for part in repeated if bengali_share(part) >= _BENGALI), "")
    english = next((part for part in repeated if part.isascii() and "/" not in part), "")
    english = english.title() if english.isupper() and len(english) > _ACRONYM else english
    kinds = [kind for kind, words in _KINDS if re.search(words, " ".join((title, english, url)), re.I)]
    country = "IN" if host_of(url).endswith(".in") else "BD"
    missing = [name for name, value in (("title", title), ("english", english), ("kind", kinds)) if not value]
    return Identity(title or english, english, kinds[0] if kinds else "portal", country, [*missing, "publisher"])
