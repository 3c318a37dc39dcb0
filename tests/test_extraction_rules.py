"""Every rule of extraction drops the line of its example, and keeps the text beside it."""

from __future__ import annotations

import re

import pytest

from crawler.extraction.body.body import read_body, read_page
from crawler.extraction.body.rules import RULES, BlockRule
from crawler.extraction.page.document import Document
from crawler.outlets.outlet import Outlet

TITLE = "সেতুর কাজ শেষ হয়েছে, উদ্বোধন আগামী মাসে"
PARAGRAPHS = (
    "যমুনার ওপর নতুন সেতুর কাজ শেষ হয়েছে বলে জানিয়েছে কর্তৃপক্ষ।",
    "প্রকল্প পরিচালক বলেন, আগামী মাসের প্রথম সপ্তাহে সেতুটি খুলে দেওয়া হবে। এতে ঢাকার সঙ্গে উত্তরের দূরত্ব কমবে।",
    "স্থানীয় বাসিন্দারা জানান, নদী পার হতে এখন তাঁদের দুই ঘণ্টা লাগে।",
)
TEXT = f"<h1>{TITLE}</h1>" + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


class Trial(Outlet):
    name = "trial"
    unwanted = ".unwanted"


def blocks_of(example: str, keep: frozenset[str] = frozenset()) -> dict[str, str | None]:
    """Return the lines of an example, each with the rule that dropped it."""
    markup = example.replace("{text}", TEXT).replace("[[", "").replace("]]", "")
    document = Document(f"<html><body>{markup}</body></html>", "https://news.example/n/10")
    page = read_page(document, Trial, TITLE, document.tree.find(".//h1"), keep)
    read_body(document, Trial, page)
    return {block.text: block.rule for block in page.blocks if block.index != page.headline}


def dropped_in(example: str) -> str:
    marked = re.search(r"\[\[(.*?)]]", example, re.S)
    assert marked is not None
    return re.sub("<[^>]*>", "", marked[1])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_drops_the_line_of_its_example(rule: BlockRule) -> None:
    blocks = blocks_of(rule.example)
    assert blocks[dropped_in(rule.example)] == rule.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_keeps_the_text_of_its_example(rule: BlockRule) -> None:
    blocks = blocks_of(rule.example)
    assert [blocks[paragraph] for paragraph in PARAGRAPHS if paragraph != dropped_in(rule.example)].count(None) >= 2


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.keep], ids=lambda rule: rule.name)
def test_a_value_of_keep_switches_a_rule_off(rule: BlockRule) -> None:
    assert rule.keep is not None
    assert blocks_of(rule.example, frozenset({rule.keep}))[dropped_in(rule.example)] != rule.name
