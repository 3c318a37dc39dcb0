"""The commands' manners: a mistake is one clear line, a non-zero exit, and nothing written."""

import os
import pkgutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from importlib import import_module

import pytest
import sandbox
import warm
from place import UNREACHABLE, Place, wait_for
from scrapy.settings import Settings

from crawler import commands
from crawler.crawl.preflight import check_outputs
from crawler.crawl.setting_checks import check_settings
from crawler.crawl.settings import PROJECT_ROOT
from crawler.jobs.command import BaseCommand
from crawler.model.exit_codes import Refused
from crawler.state import State
from crawler.state.engine import BUSY_SECONDS
from crawler.system.locks import outlet_lock, update_lock
from settings import base

CONTACT = ("-s", "CONTACT=archive@example.org")
COMMANDS = [module.name for module in pkgutil.iter_modules(commands.__path__)]
OURS = [name for name in COMMANDS if issubclass(import_module(f"crawler.commands.{name}").Command, BaseCommand)]
PRIVATE = ["http://127.0.0.1:9/", "http://localhost/", "http://[::1]/", "http://2130706433/", "http://10.0.0.8/"]


def scrapy(tmp_path, *words, project="default", stdin=""):
    places = {"ARCHIVE_URL": tmp_path / "archive", "SPOOL_DIR": tmp_path / "spool"}
    options = [f"{name}={value}" for name, value in places.items() if f"{name}=" not in " ".join(words)]
    return warm.run(
        [sys.executable, "-m", "scrapy", *words, *(part for option in options for part in ("-s", option))],
        cwd=PROJECT_ROOT,
        env=sandbox.environment(SCRAPY_PROJECT=project),
        capture_output=True,
        text=True,
        input=stdin,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["crawl", "samakl"], 2, "unknown outlet 'samakl': did you mean samakal?"),
        (["crawl"], 2, "crawl takes one outlet"),
        (["crawl", "samakal", "ittefaq"], 2, "crawl takes one outlet"),
        (["crawl", "samakal", "-a", "since=2026-02-30"], 2, "since=2026-02-30 is not a day of the calendar"),
        (["crawl", "samakal", "-a", "until=12/07/2022"], 2, "write YYYY-MM-DD"),
        (["crawl", "samakal", "-a", "sicne=2026-02-20"], 2, "samakal has no argument sicne: did you mean since?"),
        (["crawl", "samakal", "-a", "scope=world"], 2, "neither national nor all"),
        (["crawl", "samakal", "-a", "since=2001-01-01", "-a", "until=2001-01-02"], 2, "2019-09-30 to today"),
        (["crawl", "samakal", "-a", "BAD"], 2, "use -a NAME=VALUE"),
        (["crawl", "samakal"], 1, "CONTACT is not set"),
        (
            ["crawl", "samakal", *CONTACT, "-s", "ARCHIVE_URL=/proc/archive"],
            1,
            "ARCHIVE_URL /proc/archive can't be",
        ),
        (
            ["crawl", "samakal", *CONTACT, "-s", "ARCHIVE_URL=ftp://host/x"],
            1,
            "must be a directory or s3://bucket/prefix",
        ),
        (["crawl", "samakal", *CONTACT, "-s", "SPOOL_DIR=/proc/spool"], 1, "SPOOL_DIR: /proc/spool can't be"),
        (["crawl", "samakal", *CONTACT, "-s", "STATE_URL=nonsense"], 1, "STATE_URL can't be used"),
        (["crawl", "samakal", *CONTACT, "-s", "ROBOTSTXT_OBEY=maybe"], 2, "ROBOTSTXT_OBEY=maybe is neither True nor"),
        (["crawl", "samakal", "-s", "ALLOW_PRIVATE_ADDRESSES=ja"], 2, "ALLOW_PRIVATE_ADDRESSES=ja is neither True nor"),
        (["crawl", "samakal", *CONTACT, "-s", "DEPTH_LIMIT=x"], 2, "DEPTH_LIMIT=x is not a whole number"),
        (["crawl", "samakal", *CONTACT, "-s", "CLOSESPIDER_TIMEOUT=x"], 2, "CLOSESPIDER_TIMEOUT=x is not a number"),
        (["crawl", "samakal", *CONTACT, "-s", "DNS_TIMEOUT=0"], 2, "DNS_TIMEOUT=0 is not a number from 0.01"),
        (["crawl", "samakal", "-s", "FEEDS=x"], 2, 'FEEDS=x is not a JSON object, such as {"name": 1}; see scrapy'),
        (["crawl", "samakal", "-s", "ITEM_PIPELINES=[1]"], 2, "ITEM_PIPELINES=[1] is not a JSON object"),
        (["fetch", "-s", "ADDONS=-1", "http://127.0.0.1:9/"], 2, "ADDONS=-1 is not a JSON object"),
        (["crawl", "samakal", "-s", "FEED_EXPORT_ENCODING=x"], 2, "FEED_EXPORT_ENCODING=x is not an encoding"),
        (["crawl", "samakal", "-s", "RETRY_GIVE_UP_LOG_LEVEL=x"], 2, "RETRY_GIVE_UP_LOG_LEVEL=x is not one of"),
        (["crawl", "samakal", *CONTACT, "-s", "JOBDIR=/proc/job"], 2, "JOBDIR: /proc/job can't be written: "),
        (["update", "samakal", *CONTACT, "-s", "JOBDIR=/proc/job"], 2, "JOBDIR: /proc/job can't be written: "),
        *(
            (["crawl", "samakal", *CONTACT, option, feed], 2, f"FEEDS (-o, -O): {path} can't be written: ")
            for option, feed, path in [
                ("-o", "/etc/passwd/new/x.json", "/etc/passwd/new/x.json"),
                ("-O", "/proc/rows:csv", "/proc/rows"),
                ("-o", "file:///proc/version:json", "/proc/version"),
                ("-o", "/tmp:json", "/tmp"),
            ]
        ),
        (["update", "samakal", *CONTACT, "-s", 'FEEDS={"/proc/x": {"format": "csv"}}'], 2, "/proc/x can't be written"),
        (["runspider", "spiders/samakal.py", "-o", "/proc/x.json"], 2, "/proc/x.json can't be written"),
        (["crawl", "samakal", "-a", "since="], 2, "since= is not a date"),
        (["list", "--bogus"], 2, "list has no option --bogus; see scrapy list --help"),
        (["list", "-s", "DOWNLOD_DELAY=2"], 2, "no setting DOWNLOD_DELAY: did you mean DOWNLOAD_DELAY?"),
        (["settings", "-s", "FOO=1"], 2, "there is no setting FOO; see docs/settings.md"),
        *(
            (
                ["settings", f"--{reading}", "DOWNLAOD_DELAY"],
                2,
                "no setting DOWNLAOD_DELAY: did you mean DOWNLOAD_DELAY?",
            )
            for reading in ("get", "getbool", "getint", "getfloat", "getlist")
        ),
        (["settings", "--getint", "BOT_NAME"], 2, "BOT_NAME=khobor is not a whole number"),
        *(
            ([command, "extra"], 2, f"{command} takes options only, not 'extra'; see scrapy {command} --help")
            for command in ("bench", "list", "settings", "version", "verify")
        ),
        (["version", "--bogus"], 2, "version has no option --bogus; see scrapy version --help"),
        (["fetch", "--nolog"], 2, "fetch takes one address"),
        (["fetch", "--spider", "samakl", "http://127.0.0.1:9/"], 2, "did you mean samakal?"),
        (["fetch", "-s", "DOWNLOD_DELAY=2", "http://127.0.0.1:9/"], 2, "no setting DOWNLOD_DELAY"),
        (["fetch", "-s", "RETRY_TIMES=x", "http://127.0.0.1:9/"], 2, "RETRY_TIMES=x is not a whole number"),
        (["fetch", "-s", "RETRY_HTTP_CODES=x", "http://127.0.0.1:9/"], 2, "RETRY_HTTP_CODES can't be used: ValueError"),
        (["extract", "-s", "REFERRER_POLICY=x", "http://127.0.0.1:9/"], 2, "REFERRER_POLICY can't be used: "),
        (["parse", "--spider=samakl", "http://127.0.0.1:9/"], 2, "did you mean samakal?"),
        (["parse", "--spider=samakal", "http://127.0.0.1:9/"], 2, "samakal has no callback parse of its own: use "),
        (["parse", "--spider=samakal", "-c", "nothing", "http://127.0.0.1:9/"], 2, "no callback nothing of its own"),
        (
            ["parse", "http://127.0.0.1:9/"],
            2,
            "http://127.0.0.1:9/ is of no outlet, or of several: give --spider OUTLET",
        ),
        (["startproject"], 2, "the command is: scrapy startproject <project_name> [project_dir]"),
        (["shell", "--bogus"], 2, "shell has no option --bogus"),
        (["view", "--bogus", "http://127.0.0.1:9/"], 2, "view has no option --bogus"),
        (["runspider", "--nolog", "/nowhere.py"], 2, "runspider takes one file"),
        (["bench", "-s", "FOO=1"], 2, "there is no setting FOO"),
        (["check", "samakl"], 2, "did you mean samakal?"),
        (["edit", "samakl"], 2, "did you mean samakal?"),
        (["genspider", "Bad-Name", "news.example"], 2, "'Bad-Name': the name of an outlet has small letters"),
        (["genspider", "my_paper", "not a domain"], 2, "'not a domain' is not a domain, such as example.com"),
        (["genspider", "my_paper"], 2, "the command is: scrapy genspider [options] <name> <domain>"),
        (["crawl", "urls"], 2, "-a file=PATH"),
        (["crawl", "urls", "-a", "file=/nowhere"], 2, "/nowhere can't be read"),
        (["update", "samakl"], 2, "did you mean samakal?"),
        (["update", "samakal", "-s", "DOWNLOD_DELAY=2"], 2, "no setting DOWNLOD_DELAY: did you mean DOWNLOAD_DELAY?"),
        (["verify", "-s", "archive_url=x"], 2, "there is no setting archive_url: did you mean ARCHIVE_URL?"),
        (["push", "-s", "QQQ=1"], 2, "there is no setting QQQ; see docs/settings.md"),
        (["update", "--except", "samakl"], 2, "did you mean samakal?"),
        (["update", ""], 2, "a name is empty: is a variable of the shell not set?"),
        (["update", "samakal", "--except", ","], 2, "a name is empty"),
        (
            ["crawl", "urls", *CONTACT, "-a", "file=x", "--failed", ""],
            2,
            "'' is not the name of a file on this machine",
        ),
        (
            ["crawl", "samakal", *CONTACT, "-s", "SPOOL_DIR=s3://bucket/x"],
            2,
            "SPOOL_DIR s3://bucket/x: it must be a place",
        ),
        (["update", "samakal"], 1, "CONTACT is not set"),
        (["update", "samakal", "--except", "samakal"], 2, "no outlet is left to crawl"),
        (["update", "samakal", "--max-minuets=5"], 2, "update has no option --max-minuets=5; see scrapy update --help"),
        (["update", "samakal", "--jobs", "x"], 2, "--jobs: 'x' is not a whole number from 1 on; see scrapy update"),
        (["update", "samakal", "--jobs", "0"], 2, "--jobs: '0' is not a whole number from 1 on; see scrapy update"),
        (["update", "samakal", "--jobs"], 2, "--jobs: expected one argument; see scrapy update --help"),
        (["backfill", "samakal", "--max-minutes=-1"], 2, "--max-minutes: '-1' is not a number above 0; see scrapy"),
        (["backfill", "samakal", "--max-minutes=soon"], 2, "--max-minutes: 'soon' is not a number above 0; see scrapy"),
        (["crawl", "samakal", "-a"], 2, "-a: expected one argument; see scrapy crawl --help"),
        (["report", "--outlet"], 2, "--outlet: expected at least one argument; see scrapy report --help"),
        (["verify", "-s", "ARCHIVE_URL="], 2, "ARCHIVE_URL is empty"),
        (["crawl", "samakal", *CONTACT, "-s", "ARCHIVE_URL="], 2, "ARCHIVE_URL is empty"),
        (["crawl", "samakal", *CONTACT, "-s", "SPOOL_DIR="], 2, "SPOOL_DIR is empty"),
        (["crawl", "samakal", "-s", "CONTACT=a\nb"], 2, "CONTACT"),
        (["crawl", "samakal", *CONTACT, "-s", "WARC_SIZE=abc"], 2, "WARC_SIZE=abc is not a whole number"),
        (["crawl", "samakal", *CONTACT, "-s", "DOWNLOAD_DELAY=-1"], 2, "DOWNLOAD_DELAY=-1 is not a number"),
        (["crawl", "samakal", *CONTACT, "-s", "REVISIT_AFTER=6,soon"], 2, "REVISIT_AFTER"),
        (["crawl", "samakal", *CONTACT, "-s", "REVISIT_AFTER=6,²"], 2, "REVISIT_AFTER"),
        (["crawl", "samakal", *CONTACT, "-s", "REVISIT_AFTER=6,1000000000"], 2, "REVISIT_AFTER"),
        (["update", "samakal", *CONTACT, "-s", "HEALTH_NEW=1.5"], 2, "HEALTH_NEW=1.5 is not a whole number from 1 on"),
        (["backfill", "samakal"], 2, "takes outlets, --since and --until"),
        (
            ["backfill", "samakal", "--since", "2026-11-31", "--until", "2026-12-01"],
            2,
            "not a day of the calendar",
        ),
        (["backfill", "samakal", "--since", "2026-11-20", "--until", "2026-11-01"], 2, "is after until"),
        (
            ["backfill", "samakal", "--since", "2026-11-01", "--until", "2026-11-02", "--dry-run", "--retry-failed"],
            2,
            "give one of them",
        ),
        (
            ["backfill", "samakal", "--since", "2012-01-01", "--until", "2012-01-02", *CONTACT],
            2,
            "samakal lists 2019-09-30 to today: no day from 2012-01-01 to 2012-01-02",
        ),
        (
            ["backfill", "channel_i_online", "--since", "2026-11-01", "--until", "2026-11-02", *CONTACT],
            2,
            "channel_i_online has no source that lists past days",
        ),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing_behind(tmp_path, words, exit_code, said):
    answer = scrapy(tmp_path, *words)
    assert (answer.returncode, answer.stdout) == (exit_code, "")
    assert answer.stderr.startswith("khobor: ")
    assert answer.stderr.count("\n") == 1
    assert said in answer.stderr
    assert not list(tmp_path.iterdir())


def test_feeds_that_can_be_written_are_left_to_scrapy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("kept")
    os.mkfifo(tmp_path / "pipe")
    feeds = ["rows.csv", "pipe", tmp_path / "new/%(name)s/%(time)s.jsonl", "s3://bucket/x", "ftp://host/x", "stdout:"]
    settings = Settings({"FEEDS": {feed: {"format": "csv"} for feed in feeds}})
    settings.setmodule(base)
    check_outputs(settings)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipe", "rows.csv"]
    assert (tmp_path / "rows.csv").read_text() == "kept"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("verfy", "there is no command 'verfy': did you mean verify?"),
        ("harvest", "there is no command 'harvest'; scrapy lists all"),
        ("--verify", "the command is missing; scrapy lists all"),
    ],
)
def test_an_unknown_or_missing_command_is_named(command, said):
    words = [sys.executable, "-m", "scrapy", command]
    answer = subprocess.run(words, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout, answer.stderr) == (2, "", f"khobor: {said}\n")


@pytest.mark.parametrize(
    ("given", "exit_code", "said", "words"),
    [
        ("# nothing\nhttp://user:pw@host/\n", 2, "holds no web address", CONTACT),
        ("https://news.example/1\n", 1, "CONTACT is not set", ()),
        *((f"{address}\n", 1, "is a private address", CONTACT) for address in PRIVATE),
    ],
)
def test_invalid_addresses_are_refused_before_anything_is_written(tmp_path, given, exit_code, said, words):
    answer = scrapy(tmp_path, "crawl", "urls", "-a", "file=-", *words, stdin=given)
    assert answer.returncode == exit_code
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("command", "lock", "said"),
    [
        ("crawl", lambda spool: outlet_lock(spool, "demo_tv"), "another crawl of demo_tv is running"),
        ("update", update_lock, "an update is running in this spool"),
    ],
)
def test_a_second_run_ends_at_once(tmp_path, demo, command, lock, said):
    with lock(tmp_path / "spool"):
        answer = scrapy(tmp_path, command, "demo_tv", "-s", f"DEMO_URL={demo.url}", project="test")
    assert (answer.returncode, answer.stderr) == (75, f"khobor: {said}\n")


@pytest.mark.parametrize("address", ["127.0.0.1:8765", "http://", ""])
def test_a_wrong_address_of_the_demo_is_named(tmp_path, address):
    answer = scrapy(tmp_path, "crawl", "demo_tv", "-s", f"DEMO_URL={address}", project="test")
    said = f"khobor: DEMO_URL={address} is not a web address, such as http://127.0.0.1:8765\n"
    assert (answer.returncode, answer.stderr) == (2, said)


@pytest.mark.parametrize("command", OURS)
def test_help_lists_examples_and_exit_codes_line_by_line(tmp_path, command):
    answer = scrapy(tmp_path, command, "--help")
    assert answer.returncode == 0
    examples, codes = answer.stdout.partition("\nExamples:\n")[2].split("\n\nExit codes:\n")
    assert all(line.startswith("  ") and f" {command}" in line for line in examples.splitlines())
    numbers = [int(line.split()[0]) for line in codes.splitlines()]
    assert numbers == sorted(numbers)
    assert {0, 1, 2} <= set(numbers)


def test_an_unwritable_archive_ends_the_crawl_with_exit_1(tmp_path, demo):
    # A file where a folder must be stands for a store that refuses: it stops root too.
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "warc").write_text("in the way")
    answer = scrapy(
        tmp_path, "crawl", "demo_tv", "-s", f"DEMO_URL={demo.url}", "-s", "DOWNLOAD_DELAY=0", project="test"
    )
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].startswith("khobor: demo_tv: warc/demo_tv/")
    assert list((tmp_path / "spool").rglob("*.warc.gz")), "what was recorded waits in the spool"


def is_valid(name, value):
    settings = Settings()
    settings.setmodule("settings.base")
    settings.set(name, value)
    try:
        check_settings(settings)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(("archive", "spool"), [("one", "one"), ("one", "one/spool"), ("one/archive", "one")])
def test_archive_and_spool_must_lie_apart(tmp_path, archive, spool):
    places = ("-s", f"ARCHIVE_URL={tmp_path / archive}", "-s", f"SPOOL_DIR={tmp_path / spool}")
    answer = scrapy(tmp_path, "crawl", "samakal", *CONTACT, *places)
    assert answer.returncode == 2
    assert "must lie apart" in answer.stderr
    assert not list(tmp_path.iterdir())


def crawling(tmp_path, demo, *settings):
    """Start a slow crawl of many days."""
    place, span = Place(tmp_path, demo.url), ("-a", "since=2026-10-30", "-a", "until=2026-11-24")
    options = [part for one in ("DOWNLOAD_DELAY=0.2", *settings) for part in ("-s", one)]
    return place.start("crawl", "demo_daily", *span, *options, stdout=subprocess.DEVNULL)


def wait_for_records(tmp_path):
    wait_for(lambda: list((tmp_path / "spool").rglob("*.warc.gz.open")))


def test_a_failing_writer_ends_the_crawl_within_seconds(tmp_path, demo):
    # A file where the rows' folder must be stands for a disk that refuses it.
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "articles").write_text("in the way")
    with crawling(tmp_path, demo, "LOG_LEVEL=ERROR") as process:
        said = [process.stderr.readline()]
        began = time.monotonic()
        said += process.communicate(timeout=60)[1].splitlines(keepends=True)
    assert process.returncode == 1
    assert time.monotonic() - began < 15
    assert "recording failed, the crawl stops" in said[0]
    assert said[-1].startswith("khobor: demo_daily: ")
    assert len(said) == 2


def test_a_locked_state_ends_an_update_before_its_crawls(tmp_path, demo):
    path = tmp_path / "spool" / "state.db"
    State(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = scrapy(tmp_path, "update", "demo_daily", "-s", f"DEMO_URL={demo.url}", project="test")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"khobor: STATE_URL can't be used: {path}: another process has kept it locked for 20 seconds\n"
    )
    assert not list((tmp_path / "spool").glob("logs"))


def test_a_state_locked_in_mid_crawl_is_one_line(tmp_path, demo):
    path = tmp_path / "spool" / "state.db"
    with crawling(tmp_path, demo, "LOG_LEVEL=ERROR") as process:
        wait_for_records(tmp_path)
        with closing(sqlite3.connect(path, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            locked = time.monotonic()
            _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert time.monotonic() - locked < 2 * BUSY_SECONDS
    lines = said.splitlines()
    assert len(lines) == 2
    assert all(line.endswith(f": {path}: another process has kept it locked for 20 seconds") for line in lines)


@pytest.mark.parametrize(("number", "times"), [(signal.SIGTERM, 1), (signal.SIGINT, 2)])
def test_a_stopped_crawl_keeps_its_records(tmp_path, demo, number, times):
    with crawling(tmp_path, demo) as process:
        wait_for_records(tmp_path)
        for _ in range(times):
            process.send_signal(number)
            time.sleep(0.15)
        process.communicate(timeout=60)
    assert process.returncode == 5
    assert list((tmp_path / "archive").rglob("*.warc.gz"))
    left = [path.name for path in (tmp_path / "spool").rglob("*") if path.is_file()]
    assert sorted(left) == ["identity", "state.db"]


@pytest.fixture
def files(tmp_path):
    """Files and folders of the wrong kind, outside the folder that must stay empty."""
    folder = tmp_path / "files"
    (folder / "folder").mkdir(parents=True)
    (folder / "page.html").write_text("<html><title>x</title></html>")
    (folder / "bytes").write_bytes(b"\0\1")
    (folder / "empty").touch()
    (folder / "rows.csv").write_text("mine")
    (folder / "loop").symlink_to("loop")
    return folder


# Command lines; there is no archive.
WITH_FILES = [
    ("export --to {files}/new.csv", 1, "the archive can't be used: "),
    ("export --to {files}/new.CSV", 2, "ends with none of .jsonl, .parquet and .csv; add --format"),
    ("export --to {files}/new.csv --since tomorrow", 2, "write YYYY-MM-DD"),
    ("export --to {files}/new.csv --since 2026-11-02 --until 2026-11-01", 2, "is after"),
    ("export --to {files}/new.csv --outlet", 2, "--outlet: expected at least one argument"),
    ("crawl samakal -s CONTACT=a@b.example -s ARCHIVE_URL={files}/loop", 1, "Too many levels of symbolic links"),
    ("copy {files}/folder {files}/loop", 1, "there is no archive in"),
    ("dataset --to {files}/set", 1, "the archive can't be used: "),
    ("dataset --to {files}/set --since 2999-01-01", 2, "is in the future"),
    ("copies", 1, "the archive can't be used: "),
    ("copies samakal", 2, "copies takes options only"),
    (
        "export --to archive/new.csv -s ARCHIVE_URL=archive",
        2,
        "new.csv is in the archive: choose a place outside of it",
    ),
    ("export --to spool/new.csv -s SPOOL_DIR=spool", 2, "new.csv is in the spool: choose a place outside of it"),
    (
        "crawl urls -a file={files}/page.html --failed archive/x -s ARCHIVE_URL=archive",
        2,
        "x is in the archive: choose",
    ),
    ("report --to archive/new.html -s ARCHIVE_URL=archive", 2, "is in the archive: choose a place outside of it"),
    (
        'fetch http://a.example/ -s FEEDS={{"s3://b/x/y.csv":{{}}}} -s ARCHIVE_URL=s3://b/x -s CONTACT=a@b.org',
        2,
        "s3://b/x/y.csv is in the archive",
    ),
    ("dataset --to spool/set -s SPOOL_DIR=spool", 2, "is in the spool: choose a place outside of it"),
    ("crawl samakal -o archive/x.jsonl -s ARCHIVE_URL=archive -s CONTACT=a@b.org", 2, "is in the archive: choose"),
    (
        'fetch http://a.example/ -s FEEDS={{"spool/x.csv":{{}}}} -s SPOOL_DIR=spool -s CONTACT=a@b.org',
        2,
        "is in the spool",
    ),
    ("shell example.org/page -s CONTACT=", 1, "CONTACT is not set"),
    ("shell http://user:word@a.example/", 2, "shell takes one address or file"),
    ("shell 127.0.0.1/page", 1, "127.0.0.1 is a private address"),
    ("copies --to {files}/new.parquet", 2, "the name ends with .jsonl or .csv"),
    ("copies --to {files}/new.csv --since 2026-11-02 --until 2026-11-01", 2, "is after"),
    ("wacz --to {files}/new.wacz", 2, "--outlet is missing; `scrapy list` names the outlets"),
    ("wacz --outlet samakal --to {files}/new.zip", 2, "the name ends with .wacz"),
    ("wacz --outlet samakl --to {files}/new.wacz", 1, "the archive can't be used: "),
    ("report --to {files}/new.txt", 2, "the name ends with .html or .htm"),
    ("report --to {files}/new.html", 1, "the archive can't be used: "),
    ("report", 2, "arguments are required: --to"),
    ("room", 1, "the archive can't be used: "),
    ("room --port 70000", 2, "--port: '70000' is not a port from 0 to 65535; see scrapy room --help"),
    ("room --prefix ../x", 2, "--prefix ../x is not a path like /archive"),
    ("room --replay-origin x/y", 2, "--replay-origin x/y is not an origin like https://replay.example.org"),
    ("room --replay-origin https://x.org/y", 2, "--replay-origin https://x.org/y is not an origin like https://"),
    ("room samakal", 2, "room takes options only"),
    ("verify", 1, "the archive can't be used: "),
    ("verify --quik", 2, "verify has no option --quik"),
    ("verify samakal", 2, "verify takes options only"),
    ("verify --since 2026-13-01", 2, "not a day of the calendar"),
    ("verify -s ARCHIVE_URL={files}/page.html", 1, "Not a directory"),
    ("verify -s ARCHIVE_URL=s3://", 1, "must be s3://bucket/prefix"),
    ("verify -s ARCHIVE_URL=s3:/bucket/x", 1, "must be a directory or s3://bucket/prefix"),
    ("verify -s ARCHIVE_URL=https://host/x", 1, "must be a directory or s3://bucket/prefix"),
    ("verify -s ARCHIVE_URL=s3://key:secret@bucket/x", 1, "without credentials"),
    ("push samakl", 2, "unknown outlet 'samakl': did you mean samakal?"),
    ("push -s STATE_URL=mysql://host/x", 1, "mysql is neither sqlite nor postgresql"),
    ("push -s STATE_URL=postgresql://nobody@127.0.0.1:9/x", 1, "Connection refused"),
    ("push -s STATE_URL=sqlite:////proc/x.db", 1, "STATE_URL can't be used: /proc/x.db"),
    ("push -s STATE_URL=sqlite:///{files}/page.html", 1, "is damaged (file is not a database)"),
    ("state samakal", 2, "state takes options only"),
    ("state --rebuild", 1, "the archive can't be used: "),
    ("copy {files}", 2, "copy takes two archives, FROM and TO"),
    ("copy {files}/nowhere {files}/new", 1, "No such file or directory"),
    ("copy {files}/folder {files}/new", 1, "there is no archive in"),
    ("copy {files}/page.html {files}/new", 1, "Not a directory"),
    ("copy {files}/folder {files}/folder/new", 2, "must lie apart"),
    ("compact", 1, "the archive can't be used: "),
    ("compact --month 2026/11", 2, "is not a month: write YYYY-MM"),
    ("export --to - --outlet \udcff", 2, "is not UTF-8: correct it, or rename the file"),
    ("copy {files}/folder \udcff", 2, "is not UTF-8: correct it, or rename the file"),
    ("update -s OUTLETS=,", 2, "names no outlet: is a variable of the shell not set?"),
    ("outlets samakal", 2, "outlets takes options only"),
    ("outlets --classify {files}/nowhere", 2, "nowhere can't be read"),
    ("outlets --classify {files}/folder", 2, "folder can't be read: Is a directory"),
    ("outlets --live samakal", 1, "CONTACT is not set"),
    ("outlets --live --classify {files}/page.html", 2, "exclude each other"),
    ("probe", 2, "probe takes one address or outlet"),
    ("probe ftp://host/", 2, "an address begins with https:// or http://"),
    ("probe https://news.example/ --listing {files}/nowhere", 1, "nowhere can't be read"),
    ("probe https://news.example/ --save --name Bad-Name", 2, "a name has lower case, digits and _"),
    ("extract", 2, "extract takes one page"),
    ("extract {files}/nowhere", 1, "nowhere can't be read"),
    ("extract {files}/page.html --outlet samakl", 2, "did you mean samakal?"),
    ("extract {files}/page.html --url nonsense", 1, "nonsense is not a web address"),
    ("extract {files}/page.html --fetched yesterday", 1, "yesterday is not a time like"),
    ("extract --jsonl {files}/nowhere", 2, "nowhere can't be read"),
    ("fixture samakal {files}/page.html --to s3://bucket/x", 2, "is not the name of a folder on this machine"),
    ("push -s STATE_URL=sqlite:///{{SPOOLDIR}}/x.db", 2, "only {SPOOL_DIR} stands for a place"),
    ("fixture samakal", 2, "fixture takes an outlet and one page"),
    ("fixture samakl {files}/page.html", 2, "did you mean samakal?"),
    ("fixture samakal {files}/page.html", 2, "give one with --url"),
    ("crawl urls -a file={files}/folder", 2, "folder can't be read: Is a directory"),
    ("crawl urls -a file={files}/bytes", 2, "holds no web address"),
    ("crawl urls -a file={files}/empty", 2, "holds no web address"),
    ("crawl samakal --failed {files}/new", 2, "--failed is for `crawl urls`"),
    ("crawl samakal -a since=2030-01-01", 2, "is in the future"),
    ("export --to {files}/x.jsonl --since 2999-01-01", 2, "is in the future"),
    ("crawl samakal -L LOUD", 2, "LOG_LEVEL=LOUD is not one of CRITICAL"),
    ("crawl samakal --logfile /nowhere/log", 2, "LOG_FILE /nowhere/log can't be written"),
    ("update samakal -s LOG_FILE={files}/folder", 2, "folder can't be written"),
    ("crawl samakal --pidfile {files}/folder", 2, "folder can't be written"),
    ("version --pidfile /nowhere/pid", 2, "--pidfile /nowhere/pid can't be written"),
    ("list --profile /nowhere/profile", 2, "--profile /nowhere/profile can't be written"),
    ("fetch --logfile /nowhere/log http://127.0.0.1:9/", 2, "LOG_FILE /nowhere/log can't be written"),
    ("shell {files}/page.html {files}/page.html", 2, "shell takes one address or file"),
    ("crawl samakal --profile /nowhere/profile", 2, "--profile /nowhere/profile can't be written"),
    ("crawl nosuch -s SPIDER_MODULES=nowhere", 1, "nowhere can't be loaded: ModuleNotFoundError: No module named"),
    ("backfill samakal --since 2026-11-20", 2, "takes outlets, --since and --until"),
    ("update -s OUTLETS=samakal,nowhere", 2, "unknown outlet 'nowhere'"),
]


@pytest.mark.parametrize(("line", "exit_code", "said"), WITH_FILES, ids=[line for line, *_ in WITH_FILES])
def test_a_mistake_with_files_leaves_them_and_adds_none(tmp_path, files, line, exit_code, said):
    def all_files():
        return {path: path.read_bytes() if path.is_file() else None for path in tmp_path.rglob("*")}

    before = all_files()
    answer = scrapy(tmp_path, *line.format(files=files).split())
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (exit_code, "", 1), answer.stderr
    assert answer.stderr.startswith("khobor: ")
    assert said in answer.stderr
    assert all_files() == before


def test_a_state_that_cannot_be_read_is_no_success(tmp_path, files):
    (tmp_path / "archive").mkdir()
    answer = scrapy(tmp_path, "verify", "-s", f"STATE_URL=sqlite:///{files}/page.html")
    assert answer.returncode == 1
    assert "state can't be read" in answer.stderr.splitlines()[0]


@pytest.mark.parametrize("words", [["verify"], ["state", "--rebuild"], ["compact"], ["export", "--to", "-"]])
def test_a_silent_bucket_is_one_line(tmp_path, words):
    answer = Place(tmp_path, "").scrapy(*words, "-s", "ARCHIVE_URL=s3://bucket/x", environment=UNREACHABLE)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert (
        answer.stderr == "khobor: the archive can't be used: s3://bucket/x gives no answer (EndpointConnectionError)\n"
    )
    assert not list(tmp_path.rglob("*.*"))
