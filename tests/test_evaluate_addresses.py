"""Gold addresses of the benchmark, and the scores of address patterns."""

import pytest
from evaluate import addresses
from evaluate.addresses import address_details, address_scores, address_table, below_least, gold_addresses, judged

SITE = "https://www.nodipoth.com"
HEADLINE = "সেতুর কাজ শেষ হবে জুনে"


def listed(html):
    """Return the judged links of a listing, by path."""
    found = judged("listing", f"{SITE}/national", f'<meta charset="utf-8"><body>{html}</body>'.encode())
    return {address.removeprefix(SITE): is_article for address, is_article in found.items()}


@pytest.mark.parametrize(
    "link",
    [
        f'<a href="/5">{HEADLINE}</a>',
        '<a href="/5"><img src="/5.jpg"><h2>শীতের শীতবস্ত্র</h2></a>',
        '<h3><a href="/5">শীতের শীতবস্ত্র</a></h3>',
        f'<a href="/5" aria-label="{HEADLINE}"><h2>সাক্ষাৎকার</h2></a>',
        f'<a href="/5"><img src="/5.jpg"></a><a href="/5#top">{HEADLINE}</a>',
        '<article><header><h2><a href="/5">শীতের শীতবস্ত্র</a></h2></header></article>',
    ],
)
def test_headlines_of_a_listing_are_articles(link):
    assert listed(link) == {"/5": True}


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/topic/dhaka">ঢাকা মহানগর</a>',
        '<a href="/opinion"><h1>মতামত</h1></a>',
        f'<nav><a href="/special">{HEADLINE}</a></nav>',
        f'<footer><a href="/terms">{HEADLINE}</a></footer>',
        '<header><a href="/special">বিশেষ আয়োজন</a></header><h2><a href="/special">বিশেষ আয়োজন</a></h2>',
        f'<a href="/video/bangladesh/5">{HEADLINE}</a>',
        f'<a href="/photo-gallery/capital/5"><h2>{HEADLINE}</h2></a>',
        f'<a href="/bangladesh/live/5">{HEADLINE}</a>',
    ],
)
def test_menus_topics_and_galleries_are_no_articles(link):
    assert list(listed(link).values()) == [False]


def test_subdomains_are_no_articles_and_other_sites_do_not_count():
    own = f'<a href="/5">{HEADLINE}</a><a href="/6">{HEADLINE}</a>'
    links = f'<a href="https://en.nodipoth.com/7">{HEADLINE}</a><a href="https://example.com/8">{HEADLINE}</a>'
    assert listed(own + links) == {"/5": True, "/6": True, "https://en.nodipoth.com/7": False}


@pytest.mark.parametrize(
    "feed",
    [
        f"\ufeff<?xml version='1.0'?><rss><channel><link>{SITE}/</link><item><link>{SITE}/5</link></item></channel>"
        "</rss>",
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="self" href="{SITE}/4"/><link href="{SITE}/5"/>'
        "</entry></feed>",
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{SITE}/5</loc></url></urlset>',
        f"# নদীপথ\r\r## [{HEADLINE}]({SITE}/5)\r\r![{HEADLINE}]({SITE}/5.jpg)\r\r",
    ],
)
def test_items_of_feeds_are_articles(feed):
    assert judged("feed", "", feed.encode()) == {f"{SITE}/5": True}


def test_cards_with_headlines_in_json_are_articles():
    card = '{"headlines": {"headline": "ঢাকা"}, "locators": {"assetUri": "/bengali/5"}, "section": {"uri": "/bengali"}}'
    groups = f'{{"groups": [{{"items": [{card}]}}]}}'
    assert judged("listing-json", SITE, groups.encode()) == {f"{SITE}/bengali/5": True}


def test_scores_count_wrong_and_missed_addresses_by_outlet():
    found = {f"{SITE}/{name}": ("nodipoth", name in ("1", "2", "tag")) for name in ("1", "2", "3", "topic", "tag")}
    gold = {address: address[-1].isdigit() for address in (*found, "https://example.com/1")}
    scores = address_scores(gold, found.get)
    assert address_table(scores).splitlines()[2:] == [
        "| nodipoth  | 3        | 2      | 0.667     | 0.667  |",
        "| no outlet | 1        | 0      | –         | –      |",
    ]
    assert list(address_details(scores)) == [
        f"nodipoth: not an article, but classified as one: {SITE}/tag",
        f"nodipoth: an article, but not classified as one: {SITE}/3",
    ]
    assert below_least(scores) == [
        "nodipoth: precision 0.667 and recall 0.667 of addresses, required are 0.99 and 0.97; "
        "list them with --outside --show"
    ]


def test_there_are_no_gold_addresses_without_the_corpus(monkeypatch, tmp_path):
    monkeypatch.setattr("evaluate.corpus.CORPUS", tmp_path)
    assert gold_addresses() == {}
    assert below_least(address_scores({}, lambda url: None)) == []


def test_a_feed_without_addresses_is_reported(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("evaluate.corpus.CORPUS", tmp_path)
    monkeypatch.setattr(addresses, "CORPUS", tmp_path)
    (tmp_path / "index.tsv").write_text("file\tkind\turl\nempty.xml\tfeed\t\n")
    (tmp_path / "empty.xml").write_text("<rss/>")
    assert gold_addresses() == {}
    assert capsys.readouterr().err == "empty.xml: no address found in this feed\n"
