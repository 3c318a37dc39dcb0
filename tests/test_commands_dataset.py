"""`scrapy dataset` as a process: kills, signals, places, mistakes and exit codes."""

import json
import os
import resource
import shutil
import signal
import sys
from functools import partial

import pytest
import warm
from indexed_rows import write_segment
from made_up_dataset import build, contents, dated_row, fill, read, withhold, write_archive

from crawler.crawl.settings import PROJECT_ROOT
from crawler.system.locks import dataset_lock

# Runs the command with small files, and sends itself a signal before a numbered statement, row group or file.
STOPPED = """
import os, sys
from scrapy.cmdline import execute
from crawler.tools.dataset import layout, plan, shards, target
layout.SHARD_ROWS = 20
signal, moment = int(sys.argv.pop(1)), int(sys.argv.pop(1))
calls = 0
def counted(whole):
    def call(*args, **options):
        global calls
        calls += 1
        if calls == moment:
            os.kill(os.getpid(), signal)
        return whole(*args, **options)
    return call
plan.Plan.run = counted(plan.Plan.run)
shards.ShardWriter._batch = counted(shards.ShardWriter._batch)
target.write_final = counted(target.write_final)
execute(["scrapy", *sys.argv[1:]])
"""
NEVER = ("0", "0")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The archive, its newest rows by key, and a data set of it in files of 20 rows."""
    root = tmp_path_factory.mktemp("dataset")
    rows = write_archive(root / "archive")
    assert dataset(root, "--to", root / "whole", stopped=NEVER).returncode == 0
    return root, rows


@pytest.fixture
def place(made, tmp_path):
    """A place with a copy of the archive."""
    shutil.copytree(made[0] / "archive", tmp_path / "archive")
    return tmp_path


def dataset(root, *words, stopped=None, **options):
    """Run the command with the archive and the spool of a place, from a process that `stopped` ends."""
    places = {"KHOBOR_ARCHIVE_URL": str(root / "archive"), "KHOBOR_SPOOL_DIR": str(root / "spool")}
    start = ["-c", STOPPED, *stopped] if stopped else ["-m", "scrapy"]
    command = [sys.executable, *start, "dataset", *map(str, words)]
    environment = {**os.environ, **places, "SCRAPY_PROJECT": "test"}
    return warm.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=300, **options)


def killed(root, to, moment, *words):
    done = dataset(root, "--to", to, *words, stopped=(str(int(signal.SIGKILL)), str(moment)))
    assert done.returncode == -signal.SIGKILL
    return done


def test_a_run_that_is_killed_ten_times_gives_the_same_files(made, place):
    # Each run goes on from the one before: the first ones end within the plan, the last ones within files.
    for moment in (13, 19, 20, 23, 26, 28, 29, 31, 33, 35):
        killed(place, place / "set", moment)
        assert not (place / "set/facts.json").exists()
    done = dataset(place, "--to", place / "set", stopped=NEVER)
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(place / "set") == contents(made[0] / "whole")
    assert not [path for path in (place / "spool/dataset").rglob("*") if path.is_file()]


def test_an_archive_that_grew_after_a_kill_is_read_anew(place):
    killed(place, place / "set", 59)
    assert list(place.glob("set/data/*.parquet"))
    write_segment(place / "archive", 999, *(dated_row(f"new{day}", 50 + day, outlet="samakal") for day in range(25)))
    assert dataset(place, "--to", place / "set", stopped=NEVER).returncode == 0
    assert dataset(place, "--to", place / "fresh", stopped=NEVER).returncode == 0
    assert contents(place / "set") == contents(place / "fresh")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_with_one_line_that_says_how_to_go_on(made, place, number, code):
    done = dataset(place, "--to", place / "set", stopped=(str(int(number)), "59"))
    line = f"khobor: interrupted; {place}/set is unfinished; the same command continues\n"
    assert (done.returncode, done.stdout, done.stderr) == (code, "", line)
    assert dataset(place, "--to", place / "set", stopped=NEVER).returncode == 0
    assert contents(place / "set") == contents(made[0] / "whole")


def test_the_summary_counts_splits_files_and_articles_left_out(made, place):
    done = dataset(place, "--to", place / "set", "--no-copies", "--language", "bn")
    assert (done.returncode, done.stderr) == (0, "")
    facts = json.loads((place / "set/facts.json").read_text())
    rows = [facts["splits"][name]["rows"] for name in ("train", "validation", "test")]
    assert done.stdout.startswith(
        f"{place}/set: {sum(rows)} articles ({rows[0]} train, {rows[1]} validation, {rows[2]} test) in 3 files, "
    )
    assert "; 11 left out (5 copy, 1 content-signal, 1 content-usage, 1 language, 1 noai, " in done.stdout


def test_a_finished_data_set_is_replaced_by_force_only(place):
    assert dataset(place, "--to", place / "set").returncode == 0
    before = contents(place / "set")
    done = dataset(place, "--to", place / "set", "--text", "none")
    assert (done.returncode, done.stderr) == (2, f"khobor: {place}/set is a finished data set; --force replaces it\n")
    assert contents(place / "set") == before
    assert dataset(place, "--to", place / "set", "--text", "none", "--force").returncode == 0
    assert not any(row["text"] for row in read(place / "set"))


def test_an_unfinished_data_set_of_other_options_is_refused(place):
    killed(place, place / "set", 59)
    done = dataset(place, "--to", place / "set", "--text", "none")
    line = f"khobor: {place}/set is an unfinished data set with other options; --force replaces it\n"
    assert (done.returncode, done.stderr) == (2, line)
    assert dataset(place, "--to", place / "set", "--text", "none", "--force").returncode == 0
    build(place / "archive", place / "other", text="none")
    assert contents(place / "set") == contents(place / "other")


@pytest.mark.parametrize("name", ["notes.txt", "README.md", "data/mine.parquet"])
def test_a_place_with_other_files_is_refused_also_by_force(place, name):
    path = place / "set" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    for words in ((), ("--force",)):
        done = dataset(place, "--to", place / "set", *words)
        line = f"khobor: {place}/set has other files, such as {name}; choose an empty place\n"
        assert (done.returncode, done.stderr) == (2, line)
    assert contents(place / "set") == {name: b"mine"}
    assert not (place / "spool").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "give --to DIR for a new data set, or --fill DIR for the texts of one"),
        (("--to", "{}/set", "--fill", "{}/set"), "give --to DIR for a new data set, or --fill DIR"),
        (("--fill", "{}/set", "--text", "none"), "--fill takes no other options"),
        (("--fill", "{}/set", "--force"), "--fill takes no other options"),
        (("--fill", "{}/set"), "is not a data set: it has no facts.json"),
        (("--to", "{}/archive/set"), "is in the archive: choose a place outside of it"),
        (("--to", "ftp://example.org/set"), "a data set is in a directory or in s3://bucket/prefix"),
        (("--to", "s3:/bucket/set"), "a data set is in a directory or in s3://bucket/prefix"),
        (("--to", "-"), "a data set is in a directory or in s3://bucket/prefix"),
        (("--to", "{}/file"), "is not a directory"),
        (("--to", "{}/set", "--text", "some"), "invalid choice: 'some'"),
        (("--to", "{}/set", "--scope", "world"), "invalid choice: 'world'"),
        (("--to", "{}/set", "--language", "Bengali"), "'Bengali' is not a code of a language"),
        (
            ("--to", "{}/set", "--without-warning", "mojibke"),
            "'mojibke' is not a warning: they are no-date, short-text, ",
        ),
        (("--to", "{}/set", "--min-words", "0"), "'0' is not a whole number from 1 on"),
        (("--to", "{}/set", "--min-words", "9", "--max-words", "8"), "--min-words 9 is above --max-words 8"),
        (("--to", "{}/set", "--since", "2026-11-02", "--until", "2026-11-01"), "is after --until"),
        (("--to", "{}/set", "--outlet", "nobody"), "unknown outlet 'nobody'"),
        (("--to", "{}/set", "more"), "takes options only"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(made, tmp_path, words, sentence):
    (tmp_path / "archive").symlink_to(made[0] / "archive")
    (tmp_path / "file").touch()
    done = dataset(tmp_path, *(word.format(tmp_path) for word in words))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert sentence in done.stderr
    assert not (tmp_path / "set").exists()
    assert not (tmp_path / "spool").exists()


def test_a_selection_without_articles_leaves_no_file(place):
    done = dataset(place, "--to", place / "set", "--min-words", "10000")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "there are no articles of this selection in " in done.stderr
    assert not (place / "set").exists()
    assert not [path for path in (place / "spool").rglob("*") if path.is_file()]


def test_one_process_writes_a_data_set_at_a_time(made, place):
    assert dataset(place, "--to", place / "set").returncode == 0
    (name,) = (path.name for path in (place / "spool/locks/dataset").iterdir())
    with dataset_lock(place / "spool", name, "set"):
        for words in (("--to", place / "set", "--force"), ("--fill", place / "set")):
            done = dataset(place, *words)
            line = f"khobor: another process writes the data set {place}/set\n"
            assert (done.returncode, done.stderr) == (75, line)


def test_a_full_disk_is_one_line_and_the_run_continues(made, place):
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))
    done = dataset(place, "--to", place / "set", preexec_fn=limit)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "SPOOL_DIR" in done.stderr
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (15_000, resource.RLIM_INFINITY))
    done = dataset(place, "--to", place / "set", stopped=NEVER, preexec_fn=limit)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert dataset(place, "--to", place / "set", stopped=NEVER).returncode == 0
    assert contents(place / "set") == contents(made[0] / "whole")


def test_a_damaged_row_file_is_one_line(place):
    path = sorted((place / "archive").rglob("articles/**/*.gz"))[0]
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    done = dataset(place, "--to", place / "set")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"{path.name} is damaged" in done.stderr
    assert not (place / "set").exists()


def test_filling_names_what_the_archive_lacks(made, place):
    _, rows = made
    assert dataset(place, "--to", place / "set", "--text", "none").returncode == 0
    withhold(place / "archive", rows["5"])
    done = dataset(place, "--fill", place / "set")
    total = len(read(place / "set"))
    assert (done.returncode, done.stdout) == (3, f"{place}/set: {total - 1} articles filled, 1 without text\n")
    assert done.stderr == f"khobor: {rows['5']['id']} is withheld in the archive\n"


def test_a_filling_that_is_killed_continues(made, place):
    code = STOPPED.replace("plan.Plan.run = counted(plan.Plan.run)\n", "")
    assert dataset(place, "--to", place / "set", "--text", "excerpt", stopped=NEVER).returncode == 0
    for moment in (2, 3, 4):
        command = ["-c", code, str(int(signal.SIGKILL)), str(moment)]
        places = {"KHOBOR_ARCHIVE_URL": str(place / "archive"), "KHOBOR_SPOOL_DIR": str(place / "spool")}
        environment = {**os.environ, **places, "SCRAPY_PROJECT": "test"}
        run = partial(warm.run, cwd=PROJECT_ROOT, env=environment, capture_output=True, timeout=300)
        done = run([sys.executable, *command, "dataset", "--fill", str(place / "set")])
        assert done.returncode == -signal.SIGKILL
    assert dataset(place, "--fill", place / "set").returncode == 0
    assert contents(place / "set") == contents(made[0] / "whole")
    assert fill(place / "archive", place / "set").filled == 0
