"""`scrapy withhold`: decisions are new files, and whatever is made from the archive heeds them."""

import json
import uuid
import zipfile

import pytest
from test_tools_copying import copied
from verify_tools import Kept

from crawler.archive.storage.directory import DirectoryStorage
from crawler.archive.withheld import withheld_ids
from crawler.model.article import article_id

FIRST = article_id("samakal", "1")
ADDRESS = "https://samakal.com/a/article/1"
REASON = "আদালতের আদেশ, ১২/২০২৬"
CONTACT = ("-s", "CONTACT=archive@example.org")


@pytest.fixture
def kept(september, tmp_path):
    """A copy that a test may change."""
    return september.copied(tmp_path / "from")


def withhold(kept, *words, exit_code=0):
    done = kept.scrapy("withhold", *words, *CONTACT)
    assert done.returncode == exit_code, done.stderr
    return done


def others(kept):
    return {key: kept.read(key) for key in kept.keys("**/*.*") if not key.startswith("withheld/")}


def exported(kept, tmp_path, *words):
    """Return the IDs of the rows of an export, and the line about it."""
    path = tmp_path / f"{uuid.uuid4()}.jsonl"
    done = kept.scrapy("export", "--to", str(path), *words)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line)["id"] for line in path.read_text().splitlines()], done.stdout


@pytest.mark.parametrize(
    "name",
    [FIRST, FIRST.upper(), ADDRESS, f"{ADDRESS}?utm_source=x#top", "HTTP://WWW.Samakal.com:80/a/article/1/?share=1"],
)
def test_a_decision_is_one_new_file(kept, name):
    before = others(kept)
    done = withhold(kept, name, "--reason", f" {REASON} ")
    assert (done.stdout, done.stderr) == (f"withheld: {FIRST} {ADDRESS}\n", "")
    [key] = kept.keys("withheld/*")
    found = json.loads(kept.read(key))
    stamp = "".join(filter(str.isalnum, found["time"]))[:18]
    assert key == f"withheld/{stamp}-{FIRST}.json"
    assert list(found) == ["format", "id", "outlet", "url", "action", "reason", "time", "by"]
    expected = {"id": FIRST, "outlet": "samakal", "url": ADDRESS, "action": "withhold", "reason": REASON}
    assert found == found | expected | {"format": "1.0", "by": "archive@example.org"}
    assert others(kept) == before


def test_exports_leave_out_withheld_articles_and_count_them(kept, tmp_path):
    everything, _ = exported(kept, tmp_path)
    withhold(kept, FIRST, "--reason", REASON)
    for words in ([], ["--latest"]):
        rows, said = exported(kept, tmp_path, *words)
        assert set(rows) == set(everything) - {FIRST}
        assert said.endswith("; 1 withheld article left out\n")
    _, said = exported(kept, tmp_path, "--outlet", "ittefaq")
    assert "withheld" not in said
    done = kept.scrapy("export", "--to", "-")
    assert FIRST not in done.stdout
    assert done.stderr == "khobor: 1 withheld article left out\n"


def test_a_wacz_has_neither_page_nor_capture_of_a_withheld_article(kept, tmp_path):
    withhold(kept, ADDRESS, "--reason", REASON)
    path = tmp_path / "a.wacz"
    done = kept.scrapy("wacz", "--outlet", "samakal", "--to", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{path}: 3 pages, 3 captures, ")
    assert done.stdout.endswith("; 1 withheld article left out\n")
    with zipfile.ZipFile(path) as package:
        texts = [package.read(name).decode() for name in package.namelist() if not name.endswith(".gz")]
    assert not any(f'"{ADDRESS}"' in text for text in texts)


def test_a_state_that_cannot_be_read_keeps_no_article_public(kept):
    kept.spool.mkdir(exist_ok=True)
    (kept.spool / "state.db").write_bytes(b"no database")
    done = withhold(kept, FIRST, "--reason", REASON)
    assert done.stderr.startswith("khobor: state can't be read: ")
    assert len(kept.keys("withheld/*.json")) == 1


def test_a_lifted_article_is_published_again(kept, tmp_path):
    withhold(kept, FIRST, "--reason", REASON)
    done = withhold(kept, "--list")
    assert done.stdout.split("\t")[1:] == [FIRST, "samakal", ADDRESS, f"{REASON}\n"]
    assert withhold(kept, "--lift", ADDRESS, "--reason", "আদেশ বাতিল").stdout == f"lifted: {FIRST} {ADDRESS}\n"
    assert withhold(kept, "--list").stdout == ""
    assert len(kept.keys("withheld/*")) == 2
    assert FIRST in exported(kept, tmp_path)[0]


def test_the_newest_decision_counts_also_against_a_clock_ahead(kept):
    withhold(kept, FIRST, "--reason", REASON)
    [key] = kept.keys("withheld/*")
    ahead = json.loads(kept.read(key)) | {"time": "2099-01-01T00:00:00.000000Z"}
    kept.write_json(f"withheld/20990101T000000000-{FIRST}.json", ahead)
    withhold(kept, "--lift", FIRST, "--reason", "ভুল ঘড়ি")
    assert kept.keys("withheld/*")[-1] == f"withheld/20990101T000000001-{FIRST}.json"
    assert withheld_ids(kept.storage()) == frozenset()


def test_all_articles_of_an_address_are_withheld(kept):
    rows = kept.key("articles/outlet=ittefaq/**/*.gz")
    other = kept.row(rows, 0)["id"]
    kept.edit_row(rows, 0, canonical_url=ADDRESS)
    assert withhold(kept, ADDRESS, "--reason", REASON).stdout.count("withheld: ") == 2
    assert withheld_ids(kept.storage()) == {FIRST, other}


def test_an_address_may_be_written_in_other_ways_than_in_the_rows(kept):
    rows = kept.key("articles/outlet=ittefaq/**/*.gz")
    first, second = (kept.row(rows, number)["id"] for number in (0, 1))
    for number, url in enumerate(("http://Site.example/খবর?p=1&page=2", "http://site.example/খবর?p=2")):
        kept.edit_row(rows, number, url=url, canonical_url=url)
    withhold(kept, "https://www.site.example/%e0%a6%96%e0%a6%ac%e0%a6%b0/?page=2&from=letter&p=1", "--reason", REASON)
    assert withheld_ids(kept.storage()) == {first}
    withhold(kept, "https://site.example/খবর?p=2", "--reason", REASON)
    assert withheld_ids(kept.storage()) == {first, second}
    withhold(kept, "https://site.example/খবর?p=3", "--reason", REASON, exit_code=1)


def test_copies_are_without_withheld_articles_from_the_first_row_on(kept, tmp_path):
    withhold(kept, FIRST, "--reason", REASON)
    there, went = Kept(tmp_path / "there"), []

    class Watched(DirectoryStorage):
        def put(self, local, key, **more):
            went.append(key)
            super().put(local, key, **more)

    assert copied(kept, there, target=Watched(there.archive)).problems == []
    assert went[0] == kept.key("withheld/*")
    assert withheld_ids(there.storage()) == {FIRST}
    assert FIRST not in exported(there, tmp_path)[0]
    assert there.problems() == []


def test_verify_reads_decisions_and_names_damaged_ones(kept, tmp_path):
    withhold(kept, FIRST, "--reason", REASON)
    assert (kept.problems(), kept.verify().unnamed) == ([], 0)
    [key] = kept.keys("withheld/*")
    moved = key.replace(FIRST, article_id("samakal", "2"))
    kept.write(moved, kept.read(key))
    kept.write(key, b"{")
    kept.write("withheld/notes.txt", b"mine")
    found = kept.verify()
    damaged = [(one.file, one.problem.partition(":")[0]) for one in found.findings]
    assert damaged == sorted((one, "the file is damaged") for one in (key, moved))
    assert found.unnamed == 1
    done = kept.scrapy("export", "--to", str(tmp_path / "a.jsonl"))
    assert (done.returncode, done.stderr.count("\n"), "is damaged: " in done.stderr) == (1, 1, True)
    assert done.stderr.startswith("khobor: the archive can't be used: withheld/")


def test_a_rebuild_of_state_ignores_decisions(kept):
    withhold(kept, FIRST, "--reason", REASON)
    done = kept.scrapy("state", "--rebuild")
    assert (done.returncode, "withheld" in done.stderr) == (0, False), done.stderr


def test_an_article_is_withheld_although_other_rows_are_damaged(kept):
    damaged = kept.key("articles/outlet=ittefaq/**/*.gz")
    kept.flip(damaged, 60)
    done = withhold(kept, ADDRESS, "--reason", REASON, exit_code=3)
    assert done.stdout == f"withheld: {FIRST} {ADDRESS}\n"
    assert f"{damaged} is damaged" in done.stderr
    assert done.stderr.endswith("; not searched whole\n")


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        ([], 2, "withhold takes one article"),
        ([FIRST, ADDRESS, "--reason", "x"], 2, "withhold takes one article"),
        ([FIRST], 2, "--reason is missing: say who demands it"),
        ([FIRST, "--reason", " "], 2, "--reason is missing"),
        (["340205", "--reason", "x"], 2, "'340205' is neither the ID of an article nor a web address"),
        (["samakal.com/a/article/1", "--reason", "x"], 2, "web address; an address begins with https:// or http://"),
        (["--list", FIRST], 2, "--list takes no article and no other option"),
        ([str(uuid.UUID(int=1)), "--reason", "x"], 1, "has no article 00000000-0000-0000-0000-000000000001; rows"),
        (["https://samakal.com/a/article/99", "--reason", "x"], 1, "has no article https://samakal.com/a/article/99"),
        (["--lift", FIRST, "--reason", "x"], 1, f"{FIRST} is not withheld"),
        ([FIRST, "--reason", "x", "-s", "ARCHIVE_URL=/nowhere"], 1, "the archive can't be used: /nowhere"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(september, words, exit_code, said):
    done = september.scrapy("withhold", *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (exit_code, "", 1)
    assert said in done.stderr
    assert september.keys("withheld/*") == []


def test_a_second_decision_of_the_same_kind_is_refused(kept):
    withhold(kept, FIRST, "--reason", REASON)
    done = withhold(kept, ADDRESS, "--reason", REASON, exit_code=1)
    assert done.stderr == f"khobor: {ADDRESS} is already withheld\n"
    assert len(kept.keys("withheld/*")) == 1
