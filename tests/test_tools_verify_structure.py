"""Verification of what holds an archive together: names and places, manifests and run files, versions, the spool."""

import errno
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import sandbox
import warm

from crawler.archive.storage.base import MARK, MARK_LINE
from crawler.crawl.settings import PROJECT_ROOT


def edit_manifest(kept, change):
    """Change the first manifest and return its key."""
    key = kept.key("manifest/**/*.json")
    with kept.edited(key) as document:
        change(document["files"])
    return key


def edit_run(kept, **changes):
    """Change the first run file and return its key."""
    key = kept.key("runs/**/*.json")
    with kept.edited(key) as document:
        document.update(changes)
    return key


def whole(kept):
    return [problem for file, _, problem in kept.problems()]


@pytest.mark.parametrize("hidden", ["\n", "\x1b[2J", "\x9b", "\u202e", "\u2066"])
def test_control_characters_in_names_are_escaped(kept, hidden):
    name = f"warc/x{hidden}khobor: all sound.warc.gz"
    edit_manifest(kept, lambda files: files.append({**files[0], "file": name}))
    edit_run(kept, segments=[f"{hidden}khobor: all sound"])
    done = kept.scrapy("verify")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    found = json.loads(done.stdout)["findings"]
    assert hidden not in "".join([*(one["file"] + one["problem"] for one in found), done.stderr.rstrip("\n")])
    assert any("khobor: all sound.warc.gz" in one["problem"] for one in found)


@pytest.mark.parametrize("kind", ["manifest", "runs"])
def test_a_manifest_or_run_file_in_the_wrong_folder_is_found(kept, kind):
    key = kept.key(f"{kind}/**/khobor-*")
    folder, _, name = key.rpartition("/")
    moved = f"{folder.replace('2026', '2025').replace('samakal', 'jugantor')}/{name}"
    (kept.archive / moved).parent.mkdir(parents=True)
    (kept.archive / key).rename(kept.archive / moved)
    assert any(file == moved and "the file's name belongs in" in problem for file, _, problem in kept.problems())


@pytest.mark.parametrize(
    "file",
    [
        "../../../etc/passwd",
        "/etc/passwd",
        "warc/../../secret.warc.gz",
        "warc//x.warc.gz",
        "warc/./x.warc.gz",
        "",
        "warc",
        "README.txt",
        "state/x.warc.gz",
        "warc/x.tmp",
        "warc/\0.warc.gz",
        f"warc/{'x' * 5000}.warc.gz",
    ],
)
def test_an_invalid_file_name_in_a_manifest_is_found(kept, file):
    (kept.root / "secret.warc.gz").write_bytes(b"")
    key = edit_manifest(kept, lambda files: files.append({**files[0], "file": file}))
    assert kept.problems() == [(key, None, "entry 4 of the manifest is malformed")]


def test_a_file_that_a_manifest_names_twice_is_found(kept):
    key = edit_manifest(kept, lambda files: files.append(files[0]))
    (problem,) = kept.problems()
    assert problem[0] == key
    assert problem[2].endswith(".warc.gz again")


@pytest.mark.parametrize("segments", [["warc/x.warc.gz"], ["khobor-x"], None, [1], {}])
def test_a_run_file_without_a_list_of_segments_is_found(kept, segments):
    key = edit_run(kept, segments=segments)
    assert kept.problems() == [(key, None, "segments is not a list of segments")]


@pytest.mark.parametrize(
    "changes", [{"runs": [1]}, {"runs": "x"}, {"cut_bytes": True}, {"cut_bytes": "9"}, {"more": 1}]
)
def test_a_malformed_manifest_is_found(kept, changes):
    key = kept.keys("manifest/**/*.json")[1]
    with kept.edited(key) as document:
        document.update(changes)
    assert [file for file, _, _ in kept.problems()] == [key]


def test_a_missing_temporary_directory_is_an_error(kept, monkeypatch):
    def refuse():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", refuse)
    with pytest.raises(OSError, match="No usable temporary directory"):
        kept.verify()


def test_a_folder_with_the_name_of_a_manifest_is_a_missing_manifest(kept):
    manifest, run = kept.keys("manifest/**/*.json")[0], kept.keys("runs/**/*.json")[0]
    (kept.archive / manifest).unlink()
    (kept.archive / manifest).mkdir()
    assert kept.problems()[0] == (manifest, None, f"the manifest is missing; {run} lists its segment")


@pytest.mark.parametrize("content", [b"", b"\xff\0", MARK_LINE])
def test_a_marker_without_an_id_is_found(kept, content):
    (kept.archive / MARK).write_bytes(content)
    assert kept.problems() == [(MARK, None, "the marker has no ID: remove it, and the next run writes it")]
    (kept.archive / MARK).write_bytes(MARK_LINE + b"id: 7\n")
    assert kept.problems() == []


def test_a_spool_copy_that_differs_is_found(kept):
    key = kept.key("warc/**/*.gz")
    shutil.copytree(kept.archive, kept.spool)
    assert kept.problems() == []
    (kept.spool / key).write_bytes(b"other")
    assert kept.problems() == [(key, None, "the copies in spool and archive differ")]


def test_a_warc_cut_between_two_records_is_named_first(kept):
    warc = kept.key("warc/**/*.gz")
    members = kept.members(warc)
    size = sum(map(len, members[:1]))
    kept.write(warc, b"".join(members[:1]))
    report = kept.verify()
    assert report.findings[0].file == warc
    assert report.findings[0].offset == size
    assert report.findings[0].problem.startswith(f"the file ends after {size} bytes, its manifest says ")
    index = [one.problem for one in report.findings if one.file.startswith("index/")]
    assert index == ["the index has 2 lines beyond the end of the WARC"]


def spoil(kept):
    kept.write(kept.key("warc/**/*.gz"), b"x")


@pytest.mark.parametrize(("change", "exit_code", "lines"), [(lambda kept: None, 0, 0), (spoil, 3, 1)])
def test_a_closed_pipe_does_not_change_the_exit_code(kept, change, exit_code, lines):
    change(kept)
    end, start = os.pipe()
    os.close(end)
    done = kept.scrapy("verify", stdout=start)
    os.close(start)
    assert (done.returncode, done.stderr.count("\n")) == (exit_code, lines), done.stderr


def test_a_full_standard_output_is_one_line(kept):
    with open("/dev/full", "w") as full:
        done = kept.scrapy("verify", stdout=full)
    assert (done.returncode, done.stderr) == (1, "khobor: standard output: No space left on device\n")


def has_open(process, path):
    """Tell whether a process has a file open."""
    try:
        return any(one.is_symlink() and one.readlink() == path for one in Path(f"/proc/{process.pid}/fd").iterdir())
    except FileNotFoundError:
        return False  # one that was closed meanwhile


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_is_one_line(kept, number, exit_code):
    path = kept.archive / kept.key("runs/**/*.json")
    os.truncate(path, 1 << 40)
    words = {"cwd": PROJECT_ROOT, "env": sandbox.environment(), "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with warm.Popen(kept.command("verify"), **words) as process:
        while not has_open(process, path):
            time.sleep(0.02)
        process.send_signal(number)
        said = process.communicate(timeout=30)
    assert (process.returncode, said) == (exit_code, (b"", b"khobor: interrupted\n"))
