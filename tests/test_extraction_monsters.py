"""Pages made to stop an extractor, at the size of a large page; `make fuzz` has them at 50 MB and beside mutations."""

from __future__ import annotations

import pytest
from fuzz.monsters import ARTICLE, MONSTERS, SENTENCE, filled, page
from fuzz.reading import SECONDS, check

from crawler.crawl.spider import NewsSpider
from crawler.outlets.platforms import Wordpress

# Half of what a page of a newspaper has, in a quarter of its time: what takes quadratic time fails as at the full size.
LARGE, LARGE_SECONDS = 30_000, SECONDS / 4


@pytest.mark.parametrize("name", MONSTERS)
def test_a_large_page_is_read_or_refused_in_time(name: str) -> None:
    check(MONSTERS[name](LARGE), NewsSpider if "alone" in name else Wordpress, LARGE_SECONDS)


def test_a_page_with_thousands_of_tags_is_an_article() -> None:
    names = "".join(f'<meta property="og:site_name" content="site {number}">' for number in range(50_000))
    tags = f'<meta name="keywords" content="{",".join(f"tag {number}" for number in range(50_000))}">'
    told = check(page(ARTICLE, names + tags), Wordpress)
    assert not isinstance(told, str)
    assert told.tags[:2] == ["tag 0", "tag 1"]


def test_megabytes_of_inline_images_and_scripts_keep_the_article() -> None:
    picture = f'<img src="data:image/png;base64,{filled("iVBORw0KGgo", 6_000_000)}">'
    script = f"<script>{filled('a=1;', 6_000_000)}</script>"
    told = check(page(ARTICLE + picture + script), Wordpress)
    assert not isinstance(told, str)
    assert told.text.startswith(SENTENCE.strip())


@pytest.mark.parametrize(
    "body",
    [
        page(ARTICLE + "<!--" + filled("ক", 16_000_000) + "-->"),
        page(ARTICLE + filled("<br>", 2_000_000)),
        page(ARTICLE + filled("<i>ক</i>", 900_000)),
        page(ARTICLE + f"<p>{filled(SENTENCE, 4_000_000)}</p>"),
        page(ARTICLE + "<p " + " ".join(f"a{number}" for number in range(20_000)) + ">"),
    ],
    ids=["bytes", "tags", "elements", "text", "attributes"],
)
def test_an_oversized_page_is_refused_as_too_large(body: str) -> None:
    assert check(body, Wordpress) == "too-large"


def test_a_comparison_in_a_long_script_is_no_tag() -> None:
    script = f"<script>if (i<n || b) {{ a = [{filled('1, 2, ', 60_000)}] }}</script>"
    assert not isinstance(check(page(ARTICLE, script), Wordpress), str)


LINES = f"<p>{SENTENCE}</p>" * 5
UNMARKED = f"<h1>বাসের চাপায় চালক নিহত</h1><div>{LINES}</div>"


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>বাসের চাপায় চালক নিহত</h1>{LINES}<h2>{'এক দুই তিন<br>' * 5_000}</h2><p>{SENTENCE}</p>",
        UNMARKED + "<div>" + "".join(f"<div class=c{number}>ক</div>" * 3 for number in range(5_000)) + "</div>",
        UNMARKED + "<div class=a>ক</div><div class=a>ক</div><div class=a>" * 200 + "<i>ক</i>" * 25_000,
        f"<h1>বাসের চাপায়</h1><div class=entry-content>{'<figcaption>' * 200}{'<i>কথা</i>' * 15_000}</div>",
        ARTICLE.replace("</div>", f"<ul>{'<li>আরও পড়তে পারেন</li>' * 10_000}</ul>{LINES}</div>"),
        f"<h1>চালক নিহত</h1>{LINES}" + "<h2>এক দুই তিন " * 230 + "<i>ক খ</i>" * 25_000 + "</h2>" * 230 + LINES,
        "<div><time datetime=2025-08-20></time>" * 200 + "<i>ক খ</i>" * 25_000 + "</div>" * 200 + UNMARKED,
        ARTICLE.replace("<p>", "<i></i>" * 12_500 + "<div class=share>ক</div>" * 2_500 + "<p>", 1),
        "<noscript>" * 1900 + "<p>ক" * 20_000,
        "<a href=/x></a>\n" * 29_000 + UNMARKED,
    ],
    ids=[
        *("lines of a heading", "classes", "cards in cards", "captions in captions", "promises"),
        *("headings in headings", "dates around dates", "junk after nothing", "hidden in hidden"),
        "links before the headline",
    ],
)
def test_nested_and_repeated_parts_are_not_read_again(body: str) -> None:
    check(page(body), NewsSpider, SECONDS / 2)


def test_unclosed_elements_do_not_deepen_the_tree() -> None:
    part = f"<main><h1>নদীর ভাঙন<div class=related><p>{SENTENCE}</p><h3><a href=/x>খেলা আজ রাতে</a></h3></main>"
    check(page(part * 1500), NewsSpider)


def test_words_in_hundreds_of_nested_elements_are_read_once() -> None:
    words = "<span>খেলা</span>" * 50_000
    told = check(page(f"{'<div>' * 240}{words}{'</div>' * 240}{ARTICLE}"), NewsSpider)
    assert not isinstance(told, str)
    assert SENTENCE.strip() in told.text
