"""The card of a data set, its front matter and its description in Croissant."""

import json
import re
import socket
from dataclasses import replace

import pytest
from lxml import html
from markdown_it import MarkdownIt
from test_tools_dataset_facts import facts_of_one_file

from crawler.tools.dataset.card import files_of
from crawler.tools.dataset.facts import FileFacts, SplitFacts
from crawler.tools.dataset.front_matter import size_of
from crawler.tools.dataset.options import NONE, TEXTS, DatasetOptions
from crawler.tools.dataset.schema import CONTENT, columns, fields_of

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


def test_the_front_matter_declares_the_splits_that_have_files():
    front = readme().split("---\n")[1]
    assert re.findall(r"split: (.*)\n    path: (.*)", front) == [
        ("train", '"data/train-*.parquet"'),
        ("validation", '"data/validation-*.parquet"'),
    ]
    assert "license: other\n" in front
    assert 'license_link: "LICENSE.md"\n' in front
    features, size = front.split("dataset_info:\n")[1].split("  download_size: ")
    assert re.findall(r"^  - name: (.*)$", features, re.M) == [column.name for column in columns()]
    assert size == "2000\n"


@pytest.mark.parametrize("tag", ["no", "bn-Latn", "bn\nevil: 1", "true"])
def test_a_language_is_no_other_value_in_yaml(tag):
    front = readme(languages={"bn": 2, tag: 1}).split("---\n")[1]
    listed = front.split("language:\n")[1].split("license")[0].splitlines()
    assert listed in (["- bn"], ["- bn", '- "no"'])
    assert "evil" not in front


@pytest.mark.parametrize(
    ("rows", "size"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (1_000_000, "1M<n<10M"), (10**12, "100M<n<1B")]
)
def test_the_hubs_category_of_sizes(rows, size):
    assert size_of(rows) == size


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


def test_the_card_names_every_column_with_its_type_and_description():
    lines = readme().splitlines()
    for column in columns():
        for part in (column, *fields_of(column)):
            (line,) = (line for line in lines if line.startswith(f"| `{part.name}` |"))
            assert line.endswith(f"| {part.description} |")
    assert "| `authors` | `list<struct>` | names in the byline |" in lines


@pytest.mark.parametrize("text", TEXTS)
def test_the_card_says_how_much_of_the_texts_is_there(text):
    files = files_of(facts_with(text=text))
    for name in ("README.md", "LICENSE.md"):
        card = files[name].decode()
        assert ("--fill DIR" in card) == (text != "full")
        assert all(f"`{column}`" in card for column in CONTENT) == (text == NONE or name == "README.md")
    assert json.loads(files["croissant.json"])["license"] in files["README.md"].decode()


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


def test_equal_facts_give_equal_bytes_without_date_and_place_of_the_build():
    first, second = files_of(facts_with()), files_of(facts_with())
    assert first == second
    everything = b"".join(first.values()).decode()
    assert socket.gethostname() not in re.findall(r"[\w.-]+", everything)
    days = set(re.findall(r"\b20\d\d-\d\d-\d\d", everything))
    assert days == {"2026-01-01", "2026-10-31", "2026-11-01", "2026-11-10", "2026-11-03", "2026-11-04", "2026-11-24"}


def test_croissant_has_every_file_with_its_digest_and_a_set_for_each_split():
    found = croissant()["distribution"]
    files = [one for one in found if one["@type"] == "cr:FileObject"]
    assert [(one["contentUrl"], one["sha256"]) for one in files] == [(file.path, file.sha256) for file in FILES]
    sets = {one["@id"]: one["includes"] for one in found if one["@type"] == "cr:FileSet"}
    patterns = ["data/train-*.parquet", "data/validation-*.parquet"]
    assert sets == {"train": patterns[:1], "validation": patterns[1:], "shards": patterns}


def test_croissant_has_every_column_and_the_fields_of_structs():
    splits, articles = croissant()["recordSet"]
    assert [one["splits/name"] for one in splits["data"]] == ["train", "validation"]
    split, *fields = articles["field"]
    assert split["references"] == {"field": {"@id": "splits/name"}}
    assert [field["name"] for field in fields] == [column.name for column in columns()]
    (authors,) = (field for field in fields if field["name"] == "authors")
    assert authors["isArray"]
    assert [part["source"]["transform"] for part in authors["subField"]] == [{"jsonPath": "name"}, {"jsonPath": "kind"}]
    names = [one["@id"] for field in articles["field"] for one in (field, *field.get("subField", []))]
    assert len(names) == len(set(names))
