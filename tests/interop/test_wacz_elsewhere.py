"""Our WACZ in the validator of its specification and in ReplayWeb.page."""

import json
import zipfile

import pytest

from interop.foreign import CHECKS, PLAYER, TOOLS, run


@pytest.fixture(scope="module")
def wacz(news, tmp_path_factory):
    path = tmp_path_factory.mktemp("wacz") / "daily.wacz"
    news.scrapy("wacz", "--outlet", "demo_daily", "--to", str(path))
    return path


def pages_of(wacz):
    with zipfile.ZipFile(wacz) as archive:
        return [json.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()[1:]]


def test_the_wacz_validator_accepts_it(wacz):
    done = run(TOOLS / "wacz", "validate", "-f", wacz)
    assert (done.returncode, "the passed WACZ is valid" in done.stdout) == (0, True), done.stdout


def test_every_record_passes_independent_checks(wacz, tmp_path):
    with zipfile.ZipFile(wacz) as archive:
        archive.extractall(tmp_path)
    (warc,) = (tmp_path / "archive").iterdir()
    for check in CHECKS:
        assert run(*check, warc).returncode == 0, check
    theirs = {line.split(" ", 2)[1] for line in run(TOOLS / "cdxj-indexer", "-s", warc).stdout.splitlines()}
    ours = {line.split(" ", 2)[1][:14] for line in (tmp_path / "indexes/index.cdxj").read_text().splitlines()}
    assert ours == theirs


def replayed(wacz, pictures, listed, pages):
    """Return the findings on a WACZ in ReplayWeb.page."""
    wanted = json.dumps({"listed": listed, "pages": pages})
    done = run(TOOLS / "python", "tests/interop/replay_in_chromium.py", PLAYER, wacz, pictures, given=wanted)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_replayweb_page_lists_pages_and_shows_an_article(wacz, tmp_path):
    pages = pages_of(wacz)
    stamp = "".join(filter(str.isdigit, pages[-1]["ts"]))[:14]
    article = (pages[-1]["url"], stamp, pages[-1]["title"])
    seen = replayed(wacz, tmp_path, pages[0]["title"], [article])
    assert seen == {"listed": True, "pages": [True], "signed": True}, tmp_path


def test_replayweb_page_shows_revisits_as_their_original(notes, tmp_path):
    wacz = tmp_path / "notes.wacz"
    notes.scrapy("wacz", "--outlet", "demo_daily", "--to", wacz)
    # The original, another version, the first again, and the first confirmed by a 304.
    chunked = [visit for visit in notes.visits if visit.url.endswith("/chunked")]
    texts = ["ঢাকার খবর", "খুলনার খবর", "ঢাকার খবর", "ঢাকার খবর"]
    wanted = [(visit.url, visit.stamp, text) for visit, text in zip(chunked, texts, strict=True)]
    seen = replayed(wacz, tmp_path, chunked[0].url, wanted)
    assert seen == {"listed": True, "pages": [True] * 4, "signed": True}, tmp_path
