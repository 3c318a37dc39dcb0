"""Every outlet and platform against its saved pages, one field in a test; `scrapy fixture` saves them."""

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
WRONG = {("desktop_detail/after_midnight", "paragraphs"): "an invitation to a WhatsApp channel stays in the text"}


@cache
def outlets():
    return Outlets.from_settings(Settings({"SPIDER_MODULES": MODULES}))


@cache
def saved(path):
    return load(path)


@cache
def extracted(path):
    page = saved(path).page
    outlet = platforms_by_name().get(page.outlet) or outlets().named(page.outlet)
    assert outlet is not None, f"{page.outlet} is neither an outlet nor a platform"
    return fields_of(extract(page, outlet))


def label(path):
    return f"{path.parent.name}/{path.stem}"


def cases():
    for path in SAVED:
        for field in FIELDS:
            reason = WRONG.get((label(path), field))
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(path, field, id=f"{label(path)}-{field}", marks=marks)


@pytest.mark.parametrize(("path", "field"), list(cases()))
def test_a_saved_page_gives_the_expected_field(path, field):
    assert extracted(path)[field] == saved(path).expected[field]


@pytest.mark.parametrize("path", SAVED, ids=label)
def test_an_expectation_is_reviewed(path):
    assert saved(path).is_reviewed, f"{label(path)}: compare each field with the page, then set reviewed to true"


def test_every_saved_page_has_its_expectation():
    pages = {path.with_name(path.name.partition(".html")[0] + ".json") for path in PAGES.glob("*/*.html*")}
    assert pages == set(SAVED)


@pytest.mark.parametrize("platform", sorted(platforms_by_name()))
def test_every_platform_has_small_pages_of_its_own(platform):
    pages = sorted((PAGES / platform).glob("*.html"))
    assert len(pages) >= 2
    assert [page.name for page in pages if page.stat().st_size > LARGEST] == []
