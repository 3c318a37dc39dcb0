"""The plots of a data set."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from test_tools_dataset_facts import facts_of_one_file

from crawler.tools.dataset.facts import SplitFacts
from crawler.tools.dataset.plots import LABELS, OUTLETS, WIDTH, plots_of

SVG = "{http://www.w3.org/2000/svg}"
YEARS = {f"{year}-{month:02}": 100 + month for year in range(2009, 2027) for month in range(1, 13)}


def drawn(name: str, **fields) -> ElementTree.Element:
    return ElementTree.fromstring(plots_of(replace(facts_of_one_file(), **fields))[f"plots/{name}.svg"])


def texts(plot: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in plot.iter(f"{SVG}text")]


def bars(plot: ElementTree.Element, colour: str = "all") -> list[ElementTree.Element]:
    return [one for one in plot.iter(f"{SVG}rect") if one.get("class") == colour]


def test_the_smallest_of_very_many_outlets_are_one_bar():
    plot = drawn("outlets", outlets={f"outlet_{number}": 1000 - number for number in range(100)})
    assert len(bars(plot)) == OUTLETS
    assert "71 others" in texts(plot)


@pytest.mark.parametrize("months", [{"2026-11": 3}, YEARS, {"0001-01": 1, "2026-11": 3}, {"1971-01": 1, "9999-12": 3}])
def test_months_of_any_time_fit(months):
    plot = drawn("months", months=months)
    assert len(bars(plot)) == len(months)
    assert all(0 <= float(bar.get("x")) <= WIDTH - float(bar.get("width")) for bar in bars(plot))
    assert 1 <= len([text for text in texts(plot) if text[4:5] == "-"]) <= LABELS + 1


def test_splits_are_spans_below_their_months():
    splits = {
        "train": SplitFacts(90, "2009-01-01T00:00:00Z", "2024-12-31T00:00:00Z"),
        "validation": SplitFacts(5, "2025-01-01T00:00:00Z", "2025-12-31T00:00:00Z"),
        "test": SplitFacts(),
    }
    plot = drawn("months", months=YEARS, splits=splits)
    (validation,) = bars(plot, "validation")
    (train,) = bars(plot, "train")
    assert float(validation.get("x")) >= float(train.get("x")) + float(train.get("width")) - 1
    assert bars(plot, "test") == []
    assert "test: 0" in texts(plot)


@pytest.mark.parametrize("name", ["<script>1</script>", "a&b\"'", "\u202eevil\x00", "দৈনিক " * 9])
def test_no_name_becomes_markup(name):
    plot = drawn("outlets", outlets={name: 3})
    assert {one.tag.removeprefix(SVG) for one in plot.iter()} == {"svg", "title", "style", "rect", "text"}
    assert len(texts(plot)) == 3


def test_a_data_set_without_articles_has_no_plot():
    assert plots_of(replace(facts_of_one_file(), splits={})) == {}
