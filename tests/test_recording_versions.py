"""Versions of an article: an edit gives one, an alias or another extractor gives none."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager

import pytest
from killing import rows_so_far, start
from origin import Origin, answer
from place import Place, wait_for

HTML = b"Content-Type: text/html; charset=utf-8"
TEXT = (
    "কুড়িগ্রামের চিলমারীতে নদীভাঙনে গত এক সপ্তাহে ৪০টি পরিবার ভিটেমাটি হারিয়েছে বলে জানিয়েছে উপজেলা প্রশাসন। "
    "তাদের উঁচু বাঁধে আশ্রয় দেওয়া হয়েছে এবং শুকনা খাবার পৌঁছে দেওয়া হচ্ছে।"
)


def story(text=TEXT, head=""):
    markup = (
        f'<html lang="bn"><head><meta charset="utf-8"><title>চিলমারীতে নদীভাঙন</title>{head}'
        '<meta property="article:published_time" content="2026-11-24T10:15:00+06:00"></head>'
        f"<body><article><h1>চিলমারীতে নদীভাঙন</h1><p>{text}</p><p>{text[:90]}।</p></article></body></html>"
    )
    return answer(markup.encode(), HTML)


def canonical(path):
    return f'<link rel="canonical" href="{path}">'


EDITED = story(TEXT.replace("৪০টি", "৬০টি"))
ROBOTS = {"/robots.txt": answer(b"", b"Content-Type: text/plain")}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path, "http://127.0.0.1:9")


def words(place, origin, paths):
    addresses = place.root / f"addresses-{len(paths)}"
    addresses.write_text("".join(f"{origin.base}{path}\n" for path in paths))
    return ["crawl", "urls", "-a", f"file={addresses}", "-s", "ALLOW_PRIVATE_ADDRESSES=1"]


def archive(place, origin, *paths):
    done = place.scrapy(*words(place, origin, paths))
    assert done.returncode == 0, done.stderr
    return [(row["version"], row["previous"], row["url"].removeprefix(origin.base)) for row in place.rows()]


@contextmanager
def dying(place, origin, version):
    """Let a run that has told state of its row live, and kill it with -9 afterwards."""
    told = f"select 1 from articles where version = {version}"
    with start(place, *words(place, origin, ["/news/55", "/slow"])) as process:
        try:
            wait_for(lambda: rows_so_far(place) and in_state(place, told))
            yield
        finally:
            process.kill()


def in_state(place, what):
    with sqlite3.connect(place.root / "spool/state.db") as connection:
        found = connection.execute(what).fetchall()
    connection.close()
    return found


def read_by_another_extractor(place):
    in_state(place, "update articles set extractor = '0', text_digest = 'sha256:as-it-read'")


def test_an_edit_gives_a_version_and_a_second_look_none(place):
    with Origin(ROBOTS | {"/news/55": (story(), story(), EDITED)}) as origin:
        assert archive(place, origin, "/news/55") == [(1, None, "/news/55")]
        assert archive(place, origin, "/news/55") == [(1, None, "/news/55")]
        first = place.rows()[0]["text_digest"]
        assert archive(place, origin, "/news/55") == [(1, None, "/news/55"), (2, first, "/news/55")]
    assert len({row["id"] for row in place.rows()}) == 1


def test_a_dead_runs_version_precedes_that_of_another_run(place):
    with Origin(ROBOTS | {"/news/55": (story(), EDITED), "/slow": [60.0]}) as origin:
        with dying(place, origin, version=1):
            assert [version for version, _, _ in archive(place, origin, "/news/55")] == [2]
        archive(place, origin, "/news/55")
    first, second = sorted(place.rows(), key=lambda row: row["version"])
    assert (first["version"], second["previous"]) == (1, first["text_digest"])
    assert place.scrapy("verify").returncode == 0


def test_a_version_with_a_lost_row_is_written_again(place):
    with Origin(ROBOTS | {"/news/55": (story(), EDITED), "/slow": [60.0]}) as origin:
        archive(place, origin, "/news/55")
        with dying(place, origin, version=2):
            pass
        (rows,) = place.spool("*.jsonl.open")
        rows.write_bytes(rows.read_bytes()[:-9])
        found = archive(place, origin, "/news/55")
    assert [(version, previous) for version, previous, _ in found] == [(1, None), (2, None)]
    assert place.scrapy("verify").returncode == 0


def test_texts_of_another_extractor_are_extracted_again_for_comparison(place):
    with Origin(ROBOTS | {"/news/55": (story(), story(head="<!-- another minute -->"))}) as origin:
        archive(place, origin, "/news/55")
        read_by_another_extractor(place)
        assert archive(place, origin, "/news/55") == [(1, None, "/news/55")]
    [(extractor, digest)] = in_state(place, "select extractor, text_digest from articles")
    assert (extractor, digest) == (place.rows()[0]["extractor"]["version"], place.rows()[0]["text_digest"])


def test_an_edit_after_a_change_of_extractor_is_a_version(place):
    with Origin(ROBOTS | {"/news/55": (story(), EDITED)}) as origin:
        archive(place, origin, "/news/55")
        read_by_another_extractor(place)
        rows = archive(place, origin, "/news/55")
    assert [(version, previous) for version, previous, _ in rows] == [(1, None), (2, "sha256:as-it-read")]
