"""Gold addresses of articles from the corpus's feeds and listings, and the scores of the outlets' address patterns.

No rule here reads an outlet's pattern. The items of a feed and the headlines of a listing are articles. The other links
of a listing are not, nor are those to subdomains. Links to other sites do not count. The site of a file is the host of
most of its links.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from evaluate.corpus import CORPUS, index_rows
from evaluate.summary import table

KINDS = ("feed", "feed-thirdparty", "listing", "listing-json")
# The least shares that issue 21 requires of every outlet.
LEAST_PRECISION = 0.99
LEAST_RECALL = 0.97
NO_OUTLET = "no outlet"

# Videos, galleries and live pages, by a folder of the address: outlets exclude them, also where a feed lists them.
NOT_TEXT = re.compile(r"/(?:[a-z]+-)?(?:videos?|photos?|photo-?gallery|gallery|multimedia|tube|live)(?:-[a-z]+)?/")
# The least words of a headline, outside and inside a heading: names of sections, topics and authors are shorter.
HEADLINE_WORDS = 4
HEADING_WORDS = 2
HEADINGS = "h1", "h2", "h3", "h4"
IN_MENU = etree.XPath("ancestor::nav or ancestor::*[self::header or self::footer][not(ancestor::article)]")
IN_MARKDOWN = re.compile(r"^## \[.*?\]\((\S+?)\)", re.M)

# Returns the outlet of an address and whether its pattern accepts the address, None without an outlet.
Classifier = Callable[[str], tuple[str, bool] | None]


@dataclass(slots=True)
class AddressScore:
    """The addresses of one outlet; `wrong` are others classified as articles, `missed` are articles that are not."""

    articles: int = 0
    others: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        found = self.articles - len(self.missed)
        return found / (found + len(self.wrong)) if found or self.wrong else 1.0

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.articles if self.articles else 1.0


def gold_addresses() -> dict[str, bool]:
    """Return each address of the corpus and whether it is an article's, {} if the folder is missing."""
    gold: dict[str, bool] = {}
    for row in index_rows(*KINDS):
        found = judged(row["kind"], row["url"], (CORPUS / row["file"]).read_bytes())
        if not found and row["kind"] != "listing-json":
            print(f"{row['file']}: no address found in this {row['kind']}", file=sys.stderr)
        for address, is_article in found.items():
            gold[address] = is_article or gold.get(address, False)
    return gold


def judged(kind: str, url: str, body: bytes) -> dict[str, bool]:
    """Return each address on the site of one file, and whether it is an article's."""
    links: dict[str, bool] = {}
    for link, is_story in _links(kind, url, body).items():
        address = urldefrag(urljoin(url, link.strip())).url
        links[address] = is_story or links.get(address, False)
    sites = Counter(map(_site, links))
    site = max(sites, key=sites.__getitem__, default="")
    return {
        link: is_story and _site(link) == site and not NOT_TEXT.search(urlsplit(link).path)
        for link, is_story in links.items()
        if _site(link) == site or _site(link).endswith(f".{site}")
    }


def _site(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _links(kind: str, url: str, body: bytes) -> dict[str, bool]:
    if kind == "listing":
        document = document_fromstring(body)
        document.make_links_absolute(url)
        return _page_links(document)
    if kind == "listing-json":
        return dict.fromkeys(_cards(json.loads(body)), True)
    return dict.fromkeys(_items(body), True)


def _items(body: bytes) -> Iterator[str]:
    """Yield the links of the items of RSS, Atom, a sitemap, or a feed rendered as Markdown."""
    if body.startswith(b"#"):
        yield from IN_MARKDOWN.findall(body.decode().replace("\r", "\n"))
        return
    feed = etree.fromstring(body, etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False))
    for item in feed.iter("{*}item", "{*}entry", "{*}url"):
        for link in item.iterchildren("{*}link", "{*}loc"):
            if link.get("rel", "alternate") == "alternate":
                yield link.text or link.get("href")


def _cards(node: Any) -> Iterator[str]:
    """Yield the addresses beside a headline in the data of the BBC; other addresses there have no stated role."""
    if isinstance(node, dict):
        if "headlines" in node and "assetUri" in node.get("locators", {}):
            yield node["locators"]["assetUri"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _cards(each)


def _page_links(document: HtmlElement) -> dict[str, bool]:
    """Return each link of a listing and whether it is a story: a headline somewhere, and nowhere in a menu."""
    links: dict[str, bool] = {}
    menu = set()
    for link in document.iterfind(".//a[@href]"):
        address = link.get("href")
        if IN_MENU(link):
            menu.add(address)
        links[address] = links.get(address, False) or _is_headline(link)
    return {address: is_story and address not in menu for address, is_story in links.items()}


def _is_headline(link: HtmlElement) -> bool:
    in_heading = any(True for _ in link.iter(*HEADINGS)) or any(True for _ in link.iterancestors(*HEADINGS))
    words = max(len(name.split()) for name in (link.text_content(), link.get("aria-label", "")))
    return words >= (HEADING_WORDS if in_heading else HEADLINE_WORDS)


def address_scores(gold: Mapping[str, bool], classify: Classifier) -> dict[str, AddressScore]:
    """Return the score of each outlet by name; addresses without an outlet are only counted."""
    scores: dict[str, AddressScore] = {}
    for address, is_article in gold.items():
        outlet, found = classify(address) or (NO_OUTLET, is_article)
        score = scores.setdefault(outlet, AddressScore())
        score.articles += is_article
        score.others += not is_article
        if found != is_article:
            (score.wrong if found else score.missed).append(address)
    return dict(sorted(scores.items(), key=lambda item: (item[0] == NO_OUTLET, item[0])))


def address_table(scores: Mapping[str, AddressScore]) -> str:
    """Return one row for each outlet, and one for the addresses without an outlet."""
    rows = []
    for outlet, score in scores.items():
        shares = [f"{score.precision:.3f}", f"{score.recall:.3f}"] if outlet != NO_OUTLET else ["–", "–"]
        rows.append([outlet, str(score.articles), str(score.others), *shares])
    return table(["outlet", "articles", "others", "precision", "recall"], rows)


def address_details(scores: Mapping[str, AddressScore]) -> Iterator[str]:
    """Yield each address that is classified wrongly."""
    for outlet, score in scores.items():
        yield from (f"{outlet}: not an article, but classified as one: {unquote(link)}" for link in score.wrong)
        yield from (f"{outlet}: an article, but not classified as one: {unquote(link)}" for link in score.missed)


def below_least(scores: Mapping[str, AddressScore]) -> list[str]:
    """Return a line for each outlet whose precision or recall is too low."""
    return [
        f"{outlet}: precision {score.precision:.3f} and recall {score.recall:.3f} of addresses, required are"
        f" {LEAST_PRECISION} and {LEAST_RECALL}; list them with --outside --show"
        for outlet, score in scores.items()
        if score.precision < LEAST_PRECISION or score.recall < LEAST_RECALL
    ]
