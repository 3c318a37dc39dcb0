"""Gold from real feeds: other people's publications in a folder beside the project, never copied into it."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement, fragment_fromstring

from evaluate.gold import Block, Credit, Gold, Kind

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
FEEDS = CORPUS / "feed-items.jsonl"
DHAKA = ZoneInfo("Asia/Dhaka")
KINDS: dict[str, Kind] = {
    "p": "paragraph", "h2": "heading", "h3": "heading", "h4": "heading", "li": "item", "blockquote": "quote",
}  # fmt: skip
SECTIONS = {
    "bangladesh": "বাংলাদেশ",
    "country": "সারাদেশ",
    "national": "জাতীয়",
    "politics": "রাজনীতি",
    "sports": "খেলা",
    "international": "আন্তর্জাতিক",
    "world": "আন্তর্জাতিক",
    "entertainment": "বিনোদন",
    "economy": "অর্থনীতি",
    "business": "বাণিজ্য",
}
DESK = re.compile("(?:ডেস্ক|প্রতিবেদক|প্রতিনিধি|রিপোর্টার|সংবাদদাতা)$")
# A feed does not say whether an article that names a wire service credits it.
AGENCY = re.compile("এএফপি|রয়টার্স|বাসস|ইউএনবি|সিনহুয়া|পিটিআই|বিবিসি|সিএনএন|আল ?-?জাজিরা|গার্ডিয়ান|সূত্র ?:|ডয়চে|এপি")
# A line that may be boilerplate makes an article unfit for gold.
NOT_TEXT = re.compile(
    r"^(?:আরও|আরো) (?:পড়ুন|পড়তে|দেখুন)|বিস্তারিত পড়ুন|ছবি ?:|^লেখক ?:|^\*|^অনুবাদ|অবলম্বনে$"
    r"|^[^\s।]+/[^\s।]*$|^.{1,14}[^।?!]$",
    re.M,
)
DROPPED = "style, script, figure, img, iframe, .multi-read-box"


def index_rows(*kinds: str) -> list[dict[str, str]]:
    """Return the rows of the index of these kinds, [] if the folder is missing."""
    index = CORPUS / "index.tsv"
    if not index.exists():
        return []
    with index.open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines, delimiter="\t") if row["kind"] in kinds]


def corpus_gold() -> list[Gold]:
    """Return the plain articles of the feeds, [] if the folder is missing."""
    if not FEEDS.exists():
        return []
    lines = FEEDS.read_text("utf-8").splitlines()
    return [gold for line in lines if (gold := _gold(json.loads(line)))]


def feed_texts() -> Iterator[tuple[str, str, str]]:
    """Yield the address, title and text of each feed item, nothing if the folder is missing."""
    for line in FEEDS.read_text("utf-8").splitlines() if FEEDS.exists() else ():
        item = json.loads(line)
        body = _body(item)
        yield item["link"], item["title"], "\n".join(element.text_content() for element in body.iter(*KINDS))


def _body(item: dict[str, str]) -> HtmlElement:
    """Return an item's body without pictures and boxes."""
    body = fragment_fromstring(item["body"], create_parent="div")
    for element in body.cssselect(DROPPED):
        element.drop_tree()
    return body


def _gold(item: dict[str, str]) -> Gold | None:
    path = urlsplit(item["link"]).path
    section = SECTIONS.get(path.split("/")[1])
    blocks = tuple(_blocks(_body(item)))
    text = "\n".join(block.text for block in blocks)
    if not section or not 3 <= len(blocks) <= 40 or len(text) < 600 or AGENCY.search(text) or NOT_TEXT.search(text):
        return None
    if len({block.text for block in blocks}) < len(blocks):
        return None
    published = parsedate_to_datetime(item["date"]).astimezone(DHAKA)
    key = path.rsplit("/", 1)[-1]
    return Gold(key, _line(item["title"]), blocks, published, _credit(item["author"]), section)


def _blocks(body: HtmlElement) -> Iterator[Block]:
    """Yield the paragraphs of a feed's flat body without the desk's initials."""
    elements = [element for element in body.iter(*KINDS) if element.getparent().tag in {"div", "ul", "ol"}]
    while elements and ("/" in elements[-1].text_content()[-40:] or not elements[-1].text_content().strip()):
        elements.pop()
    for element in elements:
        text = _line(element.text_content())
        if text and "center" not in (element.get("style") or ""):
            yield Block(text, KINDS[element.tag])


def _credit(author: str) -> Credit:
    """Return the feed's byline if it is one desk, else the commonest desk."""
    name = _line(author)
    single_desk = DESK.search(name) and " ও " not in name and " " in name
    return Credit(name if single_desk else "নিজস্ব প্রতিবেদক", "desk")


def _line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace("\u200b", "").split())
