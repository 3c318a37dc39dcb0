"""Every outlet and platform against its saved pages, `scrapy fixture` saves them."""

from functools import cache
from pathlib import Path

import pytest
from saved_pages import load
from scrapy.settings import Settings

from crawler.extraction import extract
from crawler.outlets.loader import Outlets
from crawler.tools.fixtures import FIELDS, fields_of, platforms_by_name

PAGES = Path(__file__).parent / "pages"
SAVED = sorted(PAGES.glob("*/*.json"))
MODULES = ["spiders", "crawler.demo.spiders"]
LARGEST = 6_000
# Fields that extraction reads wrong. A correction of extraction makes these tests fail: remove the entry then.
WRONG = {
    # An invitation to a WhatsApp channel stays in the text.
    "desktop_detail/after_midnight": {"paragraphs"},
}


@cache
def outlets():
    return Outlets.from_settings(Settings({"SPIDER_MODULES": MODULES}))


def label(path):
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", SAVED, ids=label)
def test_a_saved_page_gives_what_is_expected(path):
    saved = load(path)
    assert saved.is_reviewed, "compare each field with the page, then set reviewed to true"
    outlet = platforms_by_name().get(saved.page.outlet) or outlets().named(saved.page.outlet)
    assert outlet is not None, f"{saved.page.outlet} is neither an outlet nor a platform"
    found = fields_of(extract(saved.page, outlet))
    wrong = {field for field in FIELDS if found[field] != saved.expected[field]}
    assert wrong == WRONG.get(label(path), set()), {field: found[field] for field in wrong}


def test_every_saved_page_has_its_expectation():
    pages = {path.with_name(path.name.partition(".html")[0] + ".json") for path in PAGES.glob("*/*.html*")}
    assert pages == set(SAVED)


@pytest.mark.parametrize("platform", sorted(platforms_by_name()))
def test_every_platform_has_small_pages_of_its_own(platform):
    pages = sorted((PAGES / platform).glob("*.html"))
    assert len(pages) >= 2
    assert [page.name for page in pages if page.stat().st_size > LARGEST] == []
