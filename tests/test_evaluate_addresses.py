"""Gold addresses of the benchmark, and the scores of address patterns."""

from evaluate import addresses
from evaluate.addresses import address_details, address_scores, address_table, below_least, gold_addresses, judged

SITE = "https://www.nodipoth.com"
HEADLINE = "সেতুর কাজ শেষ হবে জুনে"


def listed(html):
    """Return the judged links of a listing, by path."""
    found = judged("listing", f"{SITE}/national", f'<meta charset="utf-8"><body>{html}</body>'.encode())
    return {address.removeprefix(SITE): is_article for address, is_article in found.items()}


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


def test_a_feed_without_addresses_is_reported(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("evaluate.corpus.CORPUS", tmp_path)
    monkeypatch.setattr(addresses, "CORPUS", tmp_path)
    (tmp_path / "index.tsv").write_text("file\tkind\turl\nempty.xml\tfeed\t\n")
    (tmp_path / "empty.xml").write_text("<rss/>")
    assert gold_addresses() == {}
    assert capsys.readouterr().err == "empty.xml: no address found in this feed\n"
