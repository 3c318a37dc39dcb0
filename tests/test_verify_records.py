"""Verification of what records say: fields, digests, exchanges, revisits, and runs since a day."""

import gzip
import json
import shutil
from datetime import timedelta

import pytest
from verify_tools import STARTED, Kept, Run, answer, make_archive, pack, row_of, text_digest

from crawler.tools.verification.contents import request_problem

FIRST, SECOND = 0, 1
SINCE = (STARTED + timedelta(days=2)).date()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive of two runs with every kind of record; nobody changes it."""
    return make_archive(tmp_path_factory.mktemp("made"))


@pytest.fixture
def kept(made, tmp_path):
    """A copy to spoil."""
    shutil.copytree(made.archive, tmp_path / "archive")
    return Kept(tmp_path)


def warc_of(kept, run):
    """Return the WARC of the first or second run."""
    manifest = json.loads(kept.read(kept.keys("manifest/**/*.json")[run]))
    return next(entry["file"] for entry in manifest["files"] if entry["file"].startswith("warc/"))


def numbers(kept, warc, kind):
    return [number for number, one in enumerate(kept.records(warc)) if one.get("WARC-Type") == kind]


def found_at(kept, warc, number):
    offset = kept.records(warc)[number].offset
    return [problem for file, at, problem in kept.problems() if (file, at) == (warc, offset)]


def test_an_archive_with_every_kind_of_record_is_sound(made):
    kinds = {one.get("WARC-Type") for key in made.keys("warc/**/*.gz") for one in made.records(key)}
    assert kinds == {"warcinfo", "response", "request", "metadata", "revisit"}
    assert made.problems() == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "part"),
    [
        ("response", b"WARC/1.1", b"WARC/1.0", "the record is WARC/1.0, not WARC/1.1"),
        ("response", b"WARC-Type: response", b"WARC-Type: capture", "type capture is none that is written here"),
        ("response", b"WARC-Date: 2026", b"WARC-Data: 2026", "the response record has no WARC-Date"),
        ("response", b"-24T10:15:00.123000Z", b"-24T10:15:00Z", "is no moment in UTC with microseconds"),
        ("response", b"WARC-Record-ID: <urn:uuid:", b"WARC-Record-ID: <urn:xuid:", "is no <urn:uuid:…> of version 4"),
        ("response", b"WARC-Target-URI", b"WARC-Target-URL", "the response record has no WARC-Target-URI"),
        ("response", b"\r\nWARC-Protocol: http/1.1", b"\r\nWARC-Profile: x", "must not have WARC-Profile"),
        ("response", b"\r\nWARC-Protocol: http/1.1", b"\r\nWARC-Truncated: tired", "no reason the standard knows"),
        ("response", b"\r\nWARC-Protocol: http/1.1", b"\r\nWARC-Type: response", "warc-type stands there 2 times"),
        ("response", b"application/http; msgtype=response", b"text/html", "Content-Type is text/html"),
        (
            "response",
            b"WARC-Warcinfo-ID: <urn:uuid:",
            b"WARC-Warcinfo-ID: <urn:xuid:",
            "not that of the file's warcinfo",
        ),
        ("response", b"WARC-Block-Digest: sha1:", b"WARC-Block-Digest: sha1:A", "the block gives sha1:"),
        ("response", b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A", "the payload gives sha1:"),
        ("response", b"HTTP/1.1 200", b"HTTP/1.1 two", "the block is no HTTP response"),
        ("request", b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A", "the payload gives sha1:"),
        ("request", b"GET ", b"PUT ", "the block gives sha1:"),
        (
            "response",
            b"\r\nWARC-Protocol: http/1.1",
            b"\r\nWARC-Truncated: time",
            "by the outcome in its metadata it is none",
        ),
        ("response", b"\r\nWARC-Protocol: http", b"\r\nWARC-Protocol: \x1b[2J", "holds a control character"),
        ("request", b"\r\nWARC-Protocol: http", b"\r\nWARC-Protocol: \0", "holds a control character"),
        ("response", b"WARC-IP-Address: 192", b"WARC-IP-Address: 392", "WARC-IP-Address 392.0.2.7 is no IP address"),
        ("response", b"WARC-IP-Address: ", b"WARC-IP-Addresses: ", "the response record has no WARC-IP-Address"),
        ("response", b"WARC-Protocol: http/1.1", b"WARC-Protocol: http/2", "WARC-Protocol does not name http/1.1"),
        ("request", b"WARC-Protocol: ", b"WARC-Protocols: ", "the request record has no WARC-Protocol"),
        ("metadata", b"outcome: complete", b"outcome: COMPLETE", "the block gives sha1:"),
        ("metadata", b"outcome: complete", b"outcome: perhaps", "how the exchange ended is not told"),
        ("metadata", b"fetchTimeMs: ", b"fetchTimeMs: -", "fetchTimeMs is -"),
        ("metadata", b"entityDigest: sha1:", b"entityDigest: sha2:", "entityDigest is not that of the record at"),
        ("warcinfo", b"WARC-Filename: khobor", b"WARC-Filename: robokh", "WARC-Filename is robokh"),
        ("warcinfo", b"software: khobor", b"software: KHOBOR", "the block gives sha1:"),
    ],
)
def test_a_record_that_says_something_wrong_is_found_where_it_stands(kept, kind, old, new, part):
    warc = warc_of(kept, FIRST)
    number = numbers(kept, warc, kind)[0]
    members = kept.members(warc)
    plain = gzip.decompress(members[number])
    assert old in plain
    plain = plain.replace(old, new)
    head, _, block = plain.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    lines.append(b"Content-Length: %d" % (len(block) - 4))
    members[number] = pack(b"\r\n".join(lines) + b"\r\n\r\n" + block)
    offset = kept.records(warc)[number].offset
    kept.write(warc, b"".join(members))
    assert [problem for file, at, problem in kept.problems() if (file, at) == (warc, offset) and part in problem]


@pytest.mark.parametrize("at", range(4, 10))
def test_a_byte_of_a_members_head_that_carries_nothing_is_found_though_the_manifest_follows(kept, at):
    warc = warc_of(kept, FIRST)
    offset = kept.records(warc)[3].offset
    kept.flip(warc, offset + at)
    kept.own_up(warc)
    assert kept.problems() == [(warc, offset, "the head of the gzip member is not as it was written")]


def test_a_date_or_address_that_differs_within_an_exchange_is_found(kept):
    warc = warc_of(kept, FIRST)
    request = numbers(kept, warc, "request")[1]
    kept.edit(warc, request, b"T10:15:01.123000Z", b"T10:15:01.124000Z")
    assert any("WARC-Date is another than in the concurrent record at" in one for one in found_at(kept, warc, request))
    kept.edit(warc, request, b"T10:15:01.124000Z", b"T10:15:01.123000Z")
    kept.edit(warc, request, b"/a/article/2\r\nWARC", b"/a/article/9\r\nWARC")
    assert any("WARC-Target-URI is another than in the" in one for one in found_at(kept, warc, request))


@pytest.mark.parametrize("kind", ["request", "metadata"])
@pytest.mark.parametrize("forged", [b"WARC-IP-Address: 192.0.2.8\r\n", b""])
def test_an_ip_address_that_differs_within_an_exchange_is_found(kept, kind, forged):
    warc = warc_of(kept, FIRST)
    number = numbers(kept, warc, kind)[0]
    kept.edit(warc, number, b"WARC-IP-Address: 192.0.2.7\r\n", forged)
    told = [problem for file, _, problem in kept.problems() if file == warc]
    assert told
    assert all("WARC-IP-Address is another than in the concurrent record at" in problem for problem in told)


def test_a_status_of_any_number_of_digits_is_as_good_as_another(tmp_path):
    run = Run(tmp_path / "archive")
    for moment, status in enumerate([b"9" * 30, b"-" + b"9" * 30, b"9" * 4000]):
        run.keep(answer(f"https://samakal.com/a/article/{moment}", status=status + b" OK", moment=moment))
    run.end()
    report = Kept(tmp_path).verify()
    assert (report.findings, report.records) == ([], 10)


def test_a_record_that_does_not_name_the_others_of_its_exchange_is_found(kept):
    warc = warc_of(kept, FIRST)
    request, response = numbers(kept, warc, "request")[0], numbers(kept, warc, "response")[0]
    identifier = kept.records(warc)[response].get("WARC-Record-ID")
    kept.edit(warc, request, f"WARC-Concurrent-To: {identifier}\r\n".encode(), b"")
    request_id = kept.records(warc)[request].get("WARC-Record-ID")
    assert found_at(kept, warc, response) == [f"the record is concurrent to {request_id}, which is not to it"]


@pytest.mark.parametrize(
    ("run", "kind", "which"), [(FIRST, "response", 1), (SECOND, "revisit", 0), (SECOND, "revisit", 2)]
)
def test_an_answer_that_was_taken_out_is_missed_by_the_metadata_beside_it(kept, run, kind, which):
    warc = warc_of(kept, run)
    number = numbers(kept, warc, kind)[which]
    kept.remove(warc, number)
    # The request has come to its place, then its metadata.
    assert found_at(kept, warc, number + 1) == ["the metadata tells of an answer that is not in the file"]


def test_a_304_stands_in_the_metadata_of_its_revisit_and_in_no_other(kept):
    warc = warc_of(kept, SECOND)
    full, confirmed = (numbers(kept, warc, "metadata")[which] for which in (0, 2))
    blocks = [
        gzip.decompress(kept.members(warc)[number]).partition(b"\r\n\r\n")[2][:-4] for number in (full, confirmed)
    ]
    (line,) = [line for line in blocks[1].splitlines(keepends=True) if line.startswith(b"notModifiedResponse")]
    kept.forge(warc, full, blocks[0] + line)
    kept.forge(warc, confirmed, blocks[1].replace(line, b""))
    answers = [kept.records(warc)[number - 2].offset for number in (full, confirmed)]
    assert found_at(kept, warc, full) == [f"notModifiedResponse stands with the answer at {answers[0]}"]
    assert found_at(kept, warc, confirmed) == [f"notModifiedResponse is missing beside the answer at {answers[1]}"]


def test_a_warc_without_its_warcinfo_is_found(kept):
    warc = warc_of(kept, FIRST)
    kept.rewrite(warc, kept.members(warc)[1:])
    assert "the file does not begin with a warcinfo record" in found_at(kept, warc, 0)


@pytest.mark.parametrize(
    ("number", "old", "new", "part"),
    [
        (0, b"revisit/identical-payload-digest", b"revisit/uri-agnostic", "revisit/uri-agnostic is unknown"),
        (0, b"WARC-Refers-To: <urn:uuid:", b"WARC-Refers-To: <urn:xuid:", "which is nowhere"),
        (
            0,
            b"WARC-Refers-To-Date: 2026",
            b"WARC-Refers-To-Date: 2025",
            "is another than the original's: 2026-11-24T10:15",
        ),
        (0, b"WARC-Refers-To-Date: 2026", b"WARC-Refers-To-Data: 2026", "has no WARC-Refers-To-Date"),
        (
            0,
            b"URI: https://samakal.com/a/article/1\r\nWARC-Refers-To-D",
            b"URI: x\r\nWARC-Refers-To-D",
            "Target-URI is another",
        ),
        (0, b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A", "the digest is another than the original's"),
        (0, b"\r\nWARC-Truncated: length", b"", "WARC-Truncated is missing, not length"),
        (0, b"\r\nWARC-Truncated: length", b"\r\nWARC-Truncated: time", "WARC-Truncated is time, not length"),
        (2, b"WARC-Refers-To: <urn:uuid:", b"WARC-Refers-To: <urn:xuid:", "which is nowhere"),
        (2, b"\r\nWARC-Profile", b"\r\nWARC-Truncated: length\r\nWARC-Profile", "is length, not left out"),
    ],
)
def test_a_revisit_that_does_not_fit_its_original_is_found(kept, number, old, new, part):
    warc = warc_of(kept, SECOND)
    revisit = numbers(kept, warc, "revisit")[number]
    kept.edit(warc, revisit, old, new)
    assert [one for one in found_at(kept, warc, revisit) if part in one]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"200 OK", b"404 OK", "the revisit's status is 404, not 200"),
        (b"ETag", b"Transfer-Encoding: chunked\r\nETag", "are chunked, none, the original's none, none"),
        (b"ETag", b"Content-Encoding: gzip\r\nETag", "are none, gzip, the original's none, none"),
    ],
)
@pytest.mark.parametrize("since", [None, (STARTED + timedelta(days=1)).date()])
def test_a_head_that_does_not_describe_the_originals_body_is_found_whatever_its_digests(kept, old, new, problem, since):
    warc = warc_of(kept, SECOND)
    revisit = numbers(kept, warc, "revisit")[0]
    head = gzip.decompress(kept.members(warc)[revisit]).partition(b"\r\n\r\n")[2][:-4]
    kept.forge(warc, revisit, head.replace(old, new))
    offset = kept.records(warc)[revisit].offset
    (told,) = [found for file, at, found in kept.problems(since=since) if (file, at) == (warc, offset)]
    assert problem in told


def test_a_revisit_of_another_address_is_found_though_its_original_is_as_it_says(kept):
    first, warc = warc_of(kept, FIRST), warc_of(kept, SECOND)
    other = kept.records(first)[numbers(kept, first, "response")[1]]
    # What a server said was not modified, which holds nothing of the content itself.
    revisit = numbers(kept, warc, "revisit")[2]
    assert kept.records(warc)[revisit].get("WARC-Profile").endswith("server-not-modified")
    for name, field in (("Record-ID", "Refers-To"), ("Target-URI", "Refers-To-Target-URI"), ("Date", "Refers-To-Date")):
        old = f"WARC-{field}: {kept.records(warc)[revisit].get(f'WARC-{field}')}\r\n"
        kept.edit(warc, revisit, old.encode(), f"WARC-{field}: {other.get(f'WARC-{name}')}\r\n".encode())
    problem = "WARC-Refers-To-Target-URI https://samakal.com/a/article/2 is not WARC-Target-URI"
    assert problem in found_at(kept, warc, revisit)


@pytest.mark.parametrize("forged", [b"WARC-Protocol: tls/1.3\r\n", b"WARC-Cipher-Suite: TLS_AES_128_GCM_SHA256\r\n"])
def test_tls_of_which_one_record_of_an_exchange_tells_alone_is_found(kept, forged):
    warc = warc_of(kept, FIRST)
    request = numbers(kept, warc, "request")[0]
    kept.edit(warc, request, b"WARC-Payload-Digest", forged + b"WARC-Payload-Digest")
    (told,) = found_at(kept, warc, request)
    assert "WARC-Protocol or WARC-Cipher-Suite is another than in the concurrent record at" in told


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"incompleteResponse: !!!!", "incompleteResponse is no base64"),
        (b"interimResponses: SFRUUA=", "interimResponses is no base64"),
        (b"surplusBytes: minus", "surplusBytes is minus"),
        (b"surplusBytes: -1", "surplusBytes is -1"),
        (b"incompleteResponse: SFRUUA==\r\nsurplusBytes: 12", None),
    ],
)
def test_a_field_of_the_metadata_that_cannot_be_read_is_found(kept, line, problem):
    warc = warc_of(kept, FIRST)
    number = numbers(kept, warc, "metadata")[0]
    block = gzip.decompress(kept.members(warc)[number]).partition(b"\r\n\r\n")[2][:-4]
    kept.forge(warc, number, block + line + b"\r\n")
    assert found_at(kept, warc, number) == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("new", "part"),
    [
        ("notModifiedResponse: é", "notModifiedResponse is no base64"),
        ("notModifiedResponse: SFRUUC8xLjEgMjAwIE9LDQoNCg==\r\nx: ", "no response with status 304"),
    ],
)
def test_a_304_kept_in_the_metadata_must_be_one(kept, new, part):
    warc = warc_of(kept, SECOND)
    number = numbers(kept, warc, "metadata")[2]
    members = kept.members(warc)
    head, _, block = gzip.decompress(members[number]).partition(b"\r\n\r\n")
    offset, size = kept.records(warc)[number].offset, len(block) - 4
    block = block.replace(b"notModifiedResponse: ", new.encode())
    members[number] = pack(head.replace(b"Length: %d" % size, b"Length: %d" % (len(block) - 4)) + b"\r\n\r\n" + block)
    kept.write(warc, b"".join(members))
    assert [problem for file, at, problem in kept.problems() if (file, at) == (warc, offset) and part in problem]


def test_a_revisit_of_something_that_is_no_response_is_found(kept):
    first, warc = warc_of(kept, FIRST), warc_of(kept, SECOND)
    request = kept.records(first)[numbers(kept, first, "request")[0]].get("WARC-Record-ID")
    revisit = numbers(kept, warc, "revisit")[0]
    original = kept.records(warc)[revisit].get("WARC-Refers-To")
    kept.edit(warc, revisit, original.encode(), request.encode())
    assert "the revisit refers to a request record" in found_at(kept, warc, revisit)


def test_an_index_that_gives_a_revisit_another_digest_is_found(kept):
    warc = warc_of(kept, SECOND)
    index = warc.replace("warc", "index", 1).replace(".warc.gz", ".cdxj")
    revisit = kept.records(warc)[numbers(kept, warc, "revisit")[2]]
    lines = kept.read(index).splitlines(keepends=True)
    spoilt = [
        line.replace(b"sha1:", b"sha1:A") if f'"offset": "{revisit.offset}"'.encode() in line else line
        for line in lines
    ]
    assert spoilt != lines
    kept.write(index, b"".join(spoilt))
    kept.own_up(index)
    position = sum(map(len, spoilt[: next(n for n, line in enumerate(spoilt) if line not in lines)]))
    ((file, at, problem),) = kept.problems()
    assert (file, at) == (index, position)
    assert "the digest is not the entityDigest of the metadata at" in problem


def test_a_row_of_a_page_that_was_found_unchanged_may_be_younger_than_its_record(kept):
    rows = kept.keys("articles/**/*.gz")[SECOND]
    assert kept.row(rows, 1)["warc"]["file"] == warc_of(kept, FIRST)
    before = kept.edit_row(rows, 1, fetched_at="2026-11-25T10:15:09.000000Z")
    ((file, offset, problem),) = kept.problems()
    assert (file, offset) == (rows, before)
    assert problem.startswith("line 2: fetched_at is 2026-11-25T10:15:09.000000Z, the record's date is ")


def test_a_version_whose_previous_digest_is_another_is_found(kept):
    rows = kept.keys("articles/**/*.gz")[SECOND]
    kept.edit_row(rows, 0, previous=text_digest("other"))
    told = f"line 1: previous is {text_digest('other')}, the version before has {text_digest('1-1')}"
    assert kept.problems() == [(rows, 0, told)]
    # The earlier text was extracted again before it was compared.
    kept.edit_row(rows, 0, extractor={"name": "trial", "version": "2"})
    assert kept.problems() == []


def test_a_recovered_file_may_lack_what_its_last_exchange_lost(kept):
    warc = warc_of(kept, FIRST)
    members = kept.members(warc)
    # Cut after the second response.
    kept.rewrite(warc, members[:5])
    assert len([one for one in kept.problems() if one[0] == warc]) > 0
    manifest = kept.keys("manifest/**/*.json")[FIRST]
    document = json.loads(kept.read(manifest))
    document["files"][0]["recovered"] = {"run": None, "cut_bytes": 9}
    kept.write_json(manifest, document)
    kept.own_up()
    assert kept.problems() == []
    kept.rewrite(warc, [*members[:2], *members[3:5]])
    assert kept.problems() != []


def test_a_recovery_of_the_manifests_own_run_is_found_and_excuses_nothing(kept):
    warc = warc_of(kept, FIRST)
    members = kept.members(warc)
    kept.rewrite(warc, [*members[:2], *members[3:]])
    manifest = kept.keys("manifest/**/*.json")[FIRST]
    document = json.loads(kept.read(manifest))
    document["files"][0]["recovered"] = {"run": document["run"], "cut_bytes": 0, "mended": True}
    kept.write_json(manifest, document)
    problems = kept.problems()
    assert (manifest, None, f"{warc} is said to be recovered of the manifest's own run") in problems
    offset = kept.records(warc)[1].offset
    assert (warc, offset, "0 request records stand with this response") in problems
    # Of another run it is what recovery writes.
    document["files"][0]["recovered"]["run"] = "khobor-samakal-20261123T101500123-vm"
    kept.write_json(manifest, document)
    assert not [one for one in kept.problems() if one[0] in (warc, manifest)]


def test_a_recovered_revisit_without_its_metadata_is_sound(kept):
    warc = warc_of(kept, SECOND)
    index = warc.replace("warc", "index", 1).replace(".warc.gz", ".cdxj")
    kept.rewrite(warc, kept.members(warc)[:8])
    revisit = kept.records(warc)[-1]
    assert revisit.get("WARC-Profile").endswith("server-not-modified")
    lines = kept.read(index).splitlines(keepends=True)
    place = f'"offset": "{revisit.offset}"'.encode()
    entry = next(line for line in lines if place in line)
    digest = json.loads(entry.split(b" ", 2)[2])["digest"].encode()
    # Whoever makes the index of such a file anew does not know the original's digest.
    kept.write(index, b"".join(line.replace(digest, b"-") if place in line else line for line in lines))
    kept.own_up(index)
    manifest = kept.keys("manifest/**/*.json")[SECOND]
    document = json.loads(kept.read(manifest))
    document["files"][0]["recovered"] = {"run": None, "cut_bytes": 9}
    kept.write(manifest, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    assert not [one for one in kept.problems() if one[0] in (warc, index)]


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (b"", "the block is no HTTP request"),
        (b"hello\r\n\r\n", "the block is no HTTP request"),
        (b"GET /a/article/1 HTTP/1.1\r\nHost: samakal.com\r\n", "the block is no HTTP request"),
        (b"GET /a/article/1 HTTP/1.1\r\n\r\n", "the request's Host is missing, not that of WARC-Target-URI"),
        (
            b"GET /a/article/1 HTTP/1.1\r\nHost: samakal.com\r\nhost: b.example\r\n\r\n",
            "the request's Host is b.example and samakal.com, not that of WARC-Target-URI",
        ),
        (b"GET /a/article/2 HTTP/1.1\r\n\r\n", "the request is one for /a/article/2, not for WARC-Target-URI"),
        (
            b"GET http://samakal.com/a/article/1 HTTP/1.1\r\n\r\n",
            "the request is one for http://samakal.com/a/article/1, not for WARC-Target-URI",
        ),
    ],
)
def test_a_request_that_is_none_for_its_address_is_found_whatever_its_digests(kept, block, problem):
    warc = warc_of(kept, FIRST)
    request = numbers(kept, warc, "request")[0]
    kept.forge(warc, request, block)
    assert found_at(kept, warc, request) == [problem]
    kept.forge(warc, request, b"GET /a/article/1 HTTP/1.1\r\nHost: samakal.com\r\n\r\n")
    assert found_at(kept, warc, request) == []


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://a.example", "/"),
        ("http://a.example?x=1", "?x=1"),
        ("http://a.example/a?", "/a"),
        ("http://a.example/a;?b", "/a?b"),
        ("http://a.example/a;p?b;", "/a;p?b;"),
        ("http://a.example//a//b?//", "////a//b?//"),
        ("http://a.example//a//b?//", "//a//b?//"),
        ("http://me@a.example:8/a?http://b.example/", "/a?http://b.example/"),
        ("http://[::1]:8/%E0%A6%AC?%zz", "/%E0%A6%AC?%zz"),
    ],
)
def test_a_target_is_that_of_an_address_without_what_is_empty_in_it(url, target):
    host = "\r\nHost: " + ("[::1]:8" if "::" in url else "a.example:8" if ":8" in url else "a.example")
    assert request_problem(f"GET {target} HTTP/1.1{host}".encode(), url) is None
    assert request_problem(f"GET {url} HTTP/1.1{host}".encode(), url) is None
    assert request_problem(f"GET {target}x HTTP/1.1{host}".encode(), url) is not None


@pytest.mark.parametrize(
    ("url", "host", "is_same"),
    [
        ("http://A.example:80/", "a.Example", True),
        ("https://a.example/", "a.example:443", True),
        ("https://me:x@a.example:/", "a.example", True),
        ("http://a.example:443/", "a.example", False),
        ("https://a.example/", "a.example:80", False),
        ("http://a.example/", "b.example", False),
        ("http://[::80]/", "[::80]", True),
    ],
)
def test_a_host_is_that_of_an_address_whatever_its_case_and_with_or_without_the_port_of_its_scheme(url, host, is_same):
    assert (request_problem(f"GET / HTTP/1.1\r\nHost: {host}\r\nX: y".encode(), url) is None) == is_same


@pytest.fixture
def two_days(tmp_path):
    """Two runs of an outlet; the revisit of the second, and its row, refer to the first."""
    kept = Kept(tmp_path)
    early = Run(kept.archive)
    first, _ = early.keep(answer("https://samakal.com/a/article/1"), answer("https://samakal.com/a/article/2"))
    early.rows(row_of(first, "1")[0])
    early.end()
    late = Run(kept.archive, started=STARTED + timedelta(days=2))
    (same,) = late.keep(answer("https://samakal.com/a/article/1", moment=2 * 86400, original=first.original))
    late.rows(row_of(same, "2")[0])
    late.end()
    return kept


def test_since_a_day_reads_later_runs_and_of_earlier_ones_only_what_is_referred_to(two_days):
    assert two_days.problems() == []
    report = two_days.verify(since=SINCE)
    assert report.findings == []
    assert (report.files, report.records, report.rows) == (5, 4, 1)
    early = warc_of(two_days, FIRST)
    _, response, request, *_ = two_days.records(early)
    two_days.flip(early, request.offset + 20)
    assert two_days.problems() != []
    assert two_days.problems(since=SINCE) == []
    two_days.flip(early, response.offset + 20)
    problems = [problem for _, _, problem in two_days.problems(since=SINCE)]
    assert len(problems) == 2
    assert f"the revisit refers to {response.get('WARC-Record-ID')}, which is nowhere" in problems
    assert "line 1: the row points at record" in problems[1]


def test_an_original_in_another_outlets_file_is_found_when_only_one_outlet_is_asked_for(tmp_path):
    kept = Kept(tmp_path)
    other = Run(kept.archive, "urls")
    (first,) = other.keep(answer("https://samakal.com/a/article/1"))
    other.end()
    run = Run(kept.archive, started=STARTED + timedelta(days=2))
    run.keep(answer("https://samakal.com/a/article/1", moment=2 * 86400, original=first.original))
    run.end()
    report = kept.verify("samakal")
    assert (report.findings, report.files) == ([], 4)
    (kept.archive / warc_of(kept, 1)).unlink()
    assert kept.problems("samakal")[0][2].endswith("which is nowhere")


def test_a_long_run_and_what_it_recovered_are_read_whole_since_a_day(two_days):
    """A manifest before the day names a file after it, one after it a file from before."""
    early, late = (json.loads(two_days.read(key)) for key in two_days.keys("manifest/**/*.json"))
    warc, index = (next(one for one in early["files"] if one["file"].startswith(kind)) for kind in ("warc", "index"))
    early["files"] = [one for one in early["files"] if one not in (warc, index)]
    late_rows = next(one for one in late["files"] if one["file"].startswith("articles/"))
    late["files"] = [one for one in late["files"] if one != late_rows] + [warc, index]
    early["files"].append({**late_rows, "recovered": {"run": late["run"], "cut_bytes": 0}})
    for key, document in zip(two_days.keys("manifest/**/*.json"), (early, late), strict=True):
        two_days.write(key, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    two_days.own_up()
    report = two_days.verify(since=SINCE)
    assert (report.findings, report.files, report.rows) == ([], 7, 1)
    two_days.flip(warc["file"], 100)
    assert any(file == warc["file"] for file, _, _ in two_days.problems(since=SINCE))


@pytest.mark.parametrize(
    "address", ["http://[::1", "http://x:99999999999999999999/", "স", "a b", "//" * 5000, "http://\x7f/"]
)
def test_an_address_that_is_none_makes_findings_and_no_crash(kept, address):
    warc = warc_of(kept, FIRST)
    number = numbers(kept, warc, "response")[0]
    kept.edit(warc, number, b"https://samakal.com/a/article/1", address.encode())
    assert kept.problems() != []


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "[" * 100_000, '{"run": 1, "outlet": 2, "files": [{}, 3]}', '{"files": 1e400}', "\x00"],
)
def test_json_that_is_something_else_makes_findings_and_no_crash(kept, text):
    for kind in ("manifest", "runs"):
        key = kept.key(f"{kind}/**/*.json")
        kept.write(key, text.encode())
        assert any(file == key for file, _, _ in kept.problems())


def test_only_a_thousand_findings_are_kept_and_all_are_counted(kept):
    for number in range(1100):
        kept.write(f"warc/samakal/stray-{number}", b"")
    report = kept.verify()
    assert (len(report.findings), report.total, report.as_json()["findings_total"]) == (1000, 1100, 1100)
    assert report.summary().endswith(": 1100 problems")
