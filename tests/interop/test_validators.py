"""Every WARC passes independent checks, and an independent indexer agrees with our index."""

from test_recording_exchanges import AMBIGUOUS

from interop.foreign import CHECKS, TOOLS, Archive, path_of, read_line, run


def test_other_programs_find_no_error(archive: Archive) -> None:
    assert archive.warcs
    for warc in archive.warcs:
        for check in CHECKS:
            done = run(*check, warc)
            assert done.returncode == 0, (check, done.stdout, done.stderr)


def test_an_independent_indexer_agrees_with_our_index(archive: Archive) -> None:
    done = run(TOOLS / "cdxj-indexer", "-s", *archive.warcs)
    assert done.returncode == 0, done.stderr
    theirs = {place(fields): facts(stamp, fields) for stamp, fields in map(read_line, done.stdout.splitlines())}
    ours = {place(fields): facts(stamp, fields) for stamp, fields in archive.lines}
    assert ours.keys() == theirs.keys()
    for key, found in ours.items():
        if found["mime"] == "warc/revisit" and theirs[key]["status"] is None:
            # The record of a 304 is empty, so that only our index has a status.
            assert found.pop("status") in ("200", "304")
            del theirs[key]["status"]
        if path_of(found["url"]) in AMBIGUOUS:
            del found["mime"], theirs[key]["mime"]
        assert found == theirs[key]


def place(fields: dict[str, str]) -> tuple[str, str]:
    return fields["filename"], fields["offset"]


def facts(stamp: str, fields: dict[str, str]) -> dict[str, str | None]:
    known = {name: fields.get(name) for name in ("url", "status", "length")}
    return {"time": stamp, "mime": fields.get("mime", "unk"), **known}
