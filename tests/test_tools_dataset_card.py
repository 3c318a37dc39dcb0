"""The card of a data set, its front matter and its description in Croissant."""

import json
from dataclasses import replace

import pytest
from lxml import html
from markdown_it import MarkdownIt
from test_tools_dataset_facts import facts_of_one_file

from crawler.tools.dataset.card import files_of
from crawler.tools.dataset.facts import FileFacts, SplitFacts
from crawler.tools.dataset.options import DatasetOptions

HOSTILE = [
    "<script>alert(1)</script>",
    "x` <img src=x onerror=alert(1)> `y",
    "![p](http://evil.example/p.png) [l](javascript:alert(1)) www.evil.example a@evil.example",
    "a | b |\n\n# heading\n---\n- evil: true",
    "{{ facts }} {% raw %} &lt;b&gt; \\*x* __y__ ~~z~~ $w$",
]
SPLITS = {
    "train": SplitFacts(90, "2026-01-01T00:00:00Z", "2026-10-31T23:00:00Z"),
    "validation": SplitFacts(5, "2026-11-01T00:00:00Z", "2026-11-10T00:00:00Z"),
    "test": SplitFacts(),
}
FILES = [FileFacts(f"data/{name}-00000-of-00001.parquet", 5, 1000, "ab" * 32) for name in ("train", "validation")]


def facts_with(**fields):
    return replace(facts_of_one_file(), splits=SPLITS, files=FILES, **fields)


def readme(**fields) -> str:
    return files_of(facts_with(**fields))["README.md"].decode()


def croissant(**fields) -> dict:
    return json.loads(files_of(facts_with(**fields))["croissant.json"])


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_row_becomes_markup(text):
    gap = {"outlet": text, "since": text, "until": text, "what": text}
    counts = {name: {text: 3} for name in ("outlets", "languages", "scopes", "warnings", "extractors")}
    ours = elements(readme())
    theirs = elements(
        readme(gaps=[gap], left_out={f"warning:{text}": 1, text: 2}, withheld=[text], archive=text, **counts)
    )
    assert theirs <= ours


def elements(card: str) -> set[tuple[str, str | None]]:
    """Return the elements of a card, and where links and pictures lead to."""
    document = html.fromstring(MarkdownIt("commonmark").enable("table").render(card.split("---\n", 2)[2]))
    return {(one.tag, one.get("href") or one.get("src")) for one in document.iter()}


def test_the_card_counts_opt_outs_and_lists_take_downs():
    withheld = ["7c0f8a7e-3a35-5d0c-9f5e-0f2f7c1f9f0b", "8c0f8a7e-3a35-5d0c-9f5e-0f2f7c1f9f0b"]
    card = readme(left_out={"noai": 2, "content-signal": 1_000, "withheld": 2, "language": 0}, withheld=withheld)
    assert "opt out of text and data mining or of training are left out: 1,002." in card
    assert "| opted out: content-signal | 1,000 |" in card
    assert "other language" not in card
    assert "2 articles are withheld" in card
    assert " A line is the SHA-256 of an `id`: " in card
    assert all(f"- `{article}`" in card for article in withheld)
    included = readme(options=DatasetOptions(with_opted_out=True).as_json())
    assert "includes articles whose pages opt out" in included


def test_croissant_has_every_file_with_its_digest_and_a_set_for_each_split():
    found = croissant()["distribution"]
    files = [one for one in found if one["@type"] == "cr:FileObject"]
    assert [(one["contentUrl"], one["sha256"]) for one in files] == [(file.path, file.sha256) for file in FILES]
    sets = {one["@id"]: one["includes"] for one in found if one["@type"] == "cr:FileSet"}
    patterns = ["data/train-*.parquet", "data/validation-*.parquet"]
    assert sets == {"train": patterns[:1], "validation": patterns[1:], "shards": patterns}
