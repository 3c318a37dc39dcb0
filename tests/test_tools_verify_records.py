"""Verification of what records say: fields, digests, exchanges, revisits, and runs since a day."""

import gzip
import json
from datetime import timedelta

import pytest
from verify_tools import STARTED, Kept, Run, answer, pack, row_of

from crawler.tools.verification.records import request_problem

FIRST, SECOND = 0, 1
PROTOCOL = b"\r\nWARC-Protocol: http/1.1"
GET, HOST, URI = b"GET /a/article/1 HTTP/1.1\r\n", "the request's Host is", "WARC-Target-URI"
SINCE = (STARTED + timedelta(days=2)).date()


def warc_of(kept, run):
    """Return the WARC of the first or second run."""
    manifest = json.loads(kept.read(kept.keys("manifest/**/*.json")[run]))
    return next(entry["file"] for entry in manifest["files"] if entry["file"].startswith("warc/"))


def numbers(kept, warc, kind):
    return [number for number, one in enumerate(kept.records(warc)) if one.get("WARC-Type") == kind]


def found_at(kept, warc, number):
    offset = kept.records(warc)[number].offset
    return [problem for file, at, problem in kept.problems() if (file, at) == (warc, offset)]


@pytest.mark.parametrize(
    ("kind", "old", "new", "part"),
    [
        ("response", b"WARC/1.1", b"WARC/1.0", "the record is WARC/1.0, not WARC/1.1"),
        ("response", b"WARC-Type: response", b"WARC-Type: capture", "the record's type is capture"),
        ("response", b"WARC-Date: 2026", b"WARC-Data: 2026", "the response record has no WARC-Date"),
        ("response", b"-24T10:15:00.123000Z", b"-24T10:15:00Z", "is not a UTC timestamp with microseconds"),
        ("response", b"Record-ID: <urn:uuid:", b"Record-ID: <urn:xuid:", "which does not name it"),
        ("response", b"WARC-Target-URI", b"WARC-Target-URL", "the response record has no WARC-Target-URI"),
        ("response", PROTOCOL, b"\r\nWARC-Profile: x", "must not have WARC-Profile"),
        (
            "response",
            PROTOCOL,
            b"\r\nWARC-Truncated: tired",
            "WARC-Truncated is tired, by the outcome in its metadata it must be missing",
        ),
        ("response", PROTOCOL, b"\r\nWARC-Type: response", "warc-type is repeated, 2 times in all"),
        ("response", b"application/http; msgtype=response", b"text/html", "Content-Type is text/html"),
        ("response", b"Warcinfo-ID: <urn:uuid:", b"Warcinfo-ID: <urn:xuid:", "not that of a warcinfo record before it"),
        ("response", b"WARC-Block-Digest: sha1:", b"WARC-Block-Digest: sha1:A", "the block gives sha1:"),
        ("response", b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A", "the payload gives sha1:"),
        ("response", b"HTTP/1.1 200", b"HTTP/1.1 two", "the block is not an HTTP response"),
        ("request", b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A", "the payload gives sha1:"),
        ("request", b"GET ", b"PUT ", "the block gives sha1:"),
        ("response", PROTOCOL, b"\r\nWARC-Truncated: time", "by the outcome in its metadata"),
        ("response", b"\r\nWARC-Protocol: http", b"\r\nWARC-Protocol: \x1b[2J", "holds a control character"),
        ("request", b"\r\nWARC-Protocol: http", b"\r\nWARC-Protocol: \0", "holds a control character"),
        ("response", b"IP-Address: 192", b"IP-Address: 392", "392.0.2.7 is not an IP address"),
        ("response", b"WARC-IP-Address: ", b"WARC-IP-Addresses: ", "the response record has no WARC-IP-Address"),
        ("response", b"WARC-Protocol: http/1.1", b"WARC-Protocol: http/2", "WARC-Protocol does not name http/1.1"),
        ("request", b"WARC-Protocol: ", b"WARC-Protocols: ", "the request record has no WARC-Protocol"),
        ("metadata", b"outcome: complete", b"outcome: COMPLETE", "the block gives sha1:"),
        ("metadata", b"outcome: complete", b"outcome: perhaps", "outcome is perhaps"),
        ("metadata", b"fetchTimeMs: ", b"fetchTimeMs: -", "fetchTimeMs is -"),
        ("metadata", b"entityDigest: sha1:", b"entityDigest: sha2:", "entityDigest differs from the"),
        ("warcinfo", b"WARC-Filename: khobor", b"WARC-Filename: robokh", "WARC-Filename is robokh"),
        ("warcinfo", b"software: khobor", b"software: KHOBOR", "the block gives sha1:"),
    ],
)
def test_a_wrong_field_is_found_at_its_record(kept, kind, old, new, part):
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


def test_a_different_date_within_an_exchange_is_found(kept):
    warc = warc_of(kept, FIRST)
    request = numbers(kept, warc, "request")[1]
    kept.edit(warc, request, b"T10:15:01.123000Z", b"T10:15:01.124000Z")
    assert any("WARC-Date differs from the concurrent record at" in one for one in found_at(kept, warc, request))
    kept.edit(warc, request, b"T10:15:01.124000Z", b"T10:15:01.123000Z")
    kept.edit(warc, request, b"/a/article/2\r\nWARC", b"/a/article/9\r\nWARC")
    assert any("WARC-Target-URI differs from the" in one for one in found_at(kept, warc, request))


def test_a_one_way_concurrent_record_is_found(kept):
    warc = warc_of(kept, FIRST)
    request, response = numbers(kept, warc, "request")[0], numbers(kept, warc, "response")[0]
    identifier = kept.records(warc)[response].get("WARC-Record-ID")
    kept.edit(warc, request, f"WARC-Concurrent-To: {identifier}\r\n".encode(), b"")
    request_id = kept.records(warc)[request].get("WARC-Record-ID")
    assert found_at(kept, warc, response) == [f"the record is concurrent to {request_id}, which does not name it"]


def test_a_304_in_the_wrong_metadata_is_found(kept):
    warc = warc_of(kept, SECOND)
    full, confirmed = (numbers(kept, warc, "metadata")[which] for which in (0, 2))
    blocks = [
        gzip.decompress(kept.members(warc)[number]).partition(b"\r\n\r\n")[2][:-4] for number in (full, confirmed)
    ]
    (line,) = [line for line in blocks[1].splitlines(keepends=True) if line.startswith(b"notModifiedResponse")]
    kept.forge(warc, full, blocks[0] + line)
    kept.forge(warc, confirmed, blocks[1].replace(line, b""))
    answers = [kept.records(warc)[number - 2].offset for number in (full, confirmed)]
    assert found_at(kept, warc, full) == [
        f"notModifiedResponse is set, contrary to the concurrent record at {answers[0]}"
    ]
    assert found_at(kept, warc, confirmed) == [
        f"notModifiedResponse is missing, contrary to the concurrent record at {answers[1]}"
    ]


def test_a_warc_without_its_warcinfo_is_found(kept):
    warc = warc_of(kept, FIRST)
    kept.rewrite(warc, kept.members(warc)[1:])
    assert "the file does not begin with a warcinfo record" in found_at(kept, warc, 0)


@pytest.mark.parametrize(
    ("number", "old", "new", "part"),
    [
        (0, b"revisit/identical-payload-digest", b"revisit/uri-agnostic", "is not a profile of the standard"),
        (0, b"WARC-Refers-To: <urn:uuid:", b"WARC-Refers-To: <urn:xuid:", "which is not in the archive"),
        (0, b"Refers-To-Date: 2026", b"Refers-To-Date: 2025", "differs from the original's, 2026-11-24T10:15"),
        (0, b"WARC-Refers-To-Date: 2026", b"WARC-Refers-To-Data: 2026", "has no WARC-Refers-To-Date"),
        (0, b"https://samakal.com/a/article/1\r\nWARC-Refers-To-D", b"x\r\nWARC-Refers-To-D", "Target-URI differs"),
        (0, b"WARC-Payload-Digest: sha1:", b"WARC-Payload-Digest: sha1:A", "the digest differs from the original's"),
        (0, b"\r\nWARC-Truncated: length", b"", "WARC-Truncated is missing, not length"),
        (0, b"\r\nWARC-Truncated: length", b"\r\nWARC-Truncated: time", "WARC-Truncated is time, not length"),
        (2, b"WARC-Refers-To: <urn:uuid:", b"WARC-Refers-To: <urn:xuid:", "which is not in the archive"),
        (2, b"\r\nWARC-Profile", b"\r\nWARC-Truncated: length\r\nWARC-Profile", "is length, not missing"),
    ],
)
def test_a_revisit_that_contradicts_its_original_is_found(kept, number, old, new, part):
    warc = warc_of(kept, SECOND)
    revisit = numbers(kept, warc, "revisit")[number]
    kept.edit(warc, revisit, old, new)
    assert [one for one in found_at(kept, warc, revisit) if part in one]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"200 OK", b"404 OK", "the revisit's status is 404, not 200"),
        (b"ETag", b"Transfer-Encoding: chunked\r\nETag", "are chunked, none, the original's are none, none"),
        (b"ETag", b"Content-Encoding: gzip\r\nETag", "are none, gzip, the original's are none, none"),
    ],
)
@pytest.mark.parametrize("since", [None, (STARTED + timedelta(days=1)).date()])
def test_a_revisit_head_that_contradicts_its_original_is_found(kept, old, new, problem, since):
    warc = warc_of(kept, SECOND)
    revisit = numbers(kept, warc, "revisit")[0]
    head = gzip.decompress(kept.members(warc)[revisit]).partition(b"\r\n\r\n")[2][:-4]
    kept.forge(warc, revisit, head.replace(old, new))
    offset = kept.records(warc)[revisit].offset
    (found,) = [one for file, at, one in kept.problems(since=since) if (file, at) == (warc, offset)]
    assert problem in found


def test_a_revisit_of_another_address_is_found(kept):
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
def test_tls_that_differs_within_an_exchange_is_found(kept, forged):
    warc = warc_of(kept, FIRST)
    request = numbers(kept, warc, "request")[0]
    kept.edit(warc, request, b"WARC-Payload-Digest", forged + b"WARC-Payload-Digest")
    (found,) = found_at(kept, warc, request)
    assert "WARC-Protocol or WARC-Cipher-Suite differs from the concurrent record at" in found


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"incompleteResponse: !!!!", "incompleteResponse is not base64"),
        (b"interimResponses: SFRUUA=", "interimResponses is not base64"),
        (b"surplusBytes: minus", "surplusBytes is minus"),
        (b"surplusBytes: -1", "surplusBytes is -1"),
        (b"incompleteResponse: SFRUUA==\r\nsurplusBytes: 12", None),
    ],
)
def test_an_unreadable_metadata_field_is_found(kept, line, problem):
    warc = warc_of(kept, FIRST)
    number = numbers(kept, warc, "metadata")[0]
    block = gzip.decompress(kept.members(warc)[number]).partition(b"\r\n\r\n")[2][:-4]
    kept.forge(warc, number, block + line + b"\r\n")
    assert found_at(kept, warc, number) == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("new", "part"),
    [
        ("notModifiedResponse: é", "notModifiedResponse is not base64"),
        ("notModifiedResponse: SFRUUC8xLjEgMjAwIE9LDQoNCg==\r\nx: ", "not a response with status 304"),
    ],
)
def test_an_invalid_304_in_metadata_is_found(kept, new, part):
    warc = warc_of(kept, SECOND)
    number = numbers(kept, warc, "metadata")[2]
    members = kept.members(warc)
    head, _, block = gzip.decompress(members[number]).partition(b"\r\n\r\n")
    offset, size = kept.records(warc)[number].offset, len(block) - 4
    block = block.replace(b"notModifiedResponse: ", new.encode())
    members[number] = pack(head.replace(b"Length: %d" % size, b"Length: %d" % (len(block) - 4)) + b"\r\n\r\n" + block)
    kept.write(warc, b"".join(members))
    assert [problem for file, at, problem in kept.problems() if (file, at) == (warc, offset) and part in problem]


def test_a_revisit_of_a_request_is_found(kept):
    first, warc = warc_of(kept, FIRST), warc_of(kept, SECOND)
    request = kept.records(first)[numbers(kept, first, "request")[0]].get("WARC-Record-ID")
    revisit = numbers(kept, warc, "revisit")[0]
    original = kept.records(warc)[revisit].get("WARC-Refers-To")
    kept.edit(warc, revisit, original.encode(), request.encode())
    assert "the revisit refers to a request record" in found_at(kept, warc, revisit)


def test_a_recovered_file_may_lack_records_of_its_last_exchange(kept):
    warc = warc_of(kept, FIRST)
    members = kept.members(warc)
    # Cut after the second response.
    kept.rewrite(warc, members[:5])
    assert len([one for one in kept.problems() if one[0] == warc]) > 0
    with kept.edited(kept.keys("manifest/**/*.json")[FIRST]) as document:
        document["cut_bytes"] = 9
    assert kept.problems() == []
    kept.rewrite(warc, [*members[:2], *members[3:5]])
    assert kept.problems() != []


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (b"", "the block is not an HTTP request"),
        (b"hello\r\n\r\n", "the block is not an HTTP request"),
        (GET + b"Host: samakal.com\r\n", "the block is not an HTTP request"),
        (GET + b"\r\n", f"{HOST} missing, not that of {URI}"),
        (GET + b"Host: samakal.com\r\nhost: b.example\r\n\r\n", f"{HOST} b.example and samakal.com, not that of {URI}"),
        (b"GET /a/article/2 HTTP/1.1\r\n\r\n", f"the request is for /a/article/2, not for {URI}"),
        (b"GET http://b.example/ HTTP/1.1\r\n\r\n", f"the request is for http://b.example/, not for {URI}"),
    ],
)
def test_a_request_for_another_address_is_found(kept, block, problem):
    warc = warc_of(kept, FIRST)
    request = numbers(kept, warc, "request")[0]
    kept.forge(warc, request, block)
    assert found_at(kept, warc, request) == [problem]
    kept.forge(warc, request, GET + b"Host: samakal.com\r\n\r\n")
    assert found_at(kept, warc, request) == []


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
def test_hosts_match_without_case_user_and_default_port(url, host, is_same):
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


def test_since_a_day_reads_only_referenced_records_of_earlier_runs(two_days):
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
    assert f"the revisit refers to {response.get('WARC-Record-ID')}, which is not in the archive" in problems
    assert "is not at" in problems[1]


@pytest.mark.parametrize(
    "address", ["http://[::1", "http://x:99999999999999999999/", "স", "a b", "//" * 5000, "http://\x7f/"]
)
def test_an_invalid_address_is_a_finding(kept, address):
    warc = warc_of(kept, FIRST)
    number = numbers(kept, warc, "response")[0]
    kept.edit(warc, number, b"https://samakal.com/a/article/1", address.encode())
    assert kept.problems() != []


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "[" * 100_000, '{"run": 1, "outlet": 2, "files": [{}, 3]}', '{"files": 1e400}', "\x00"],
)
def test_unexpected_json_is_a_finding(kept, text):
    for kind in ("manifest", "runs"):
        key = kept.key(f"{kind}/**/*.json")
        kept.write(key, text.encode())
        assert any(file == key for file, _, _ in kept.problems())


def test_only_a_thousand_findings_are_kept_and_all_are_counted(kept):
    with kept.edited(kept.key("manifest/**/*.json")) as document:
        document["files"] += [None] * 1100
    report = kept.verify()
    assert (len(report.findings), report.findings_total, report.as_json()["findings_total"]) == (1000, 1100, 1100)
    assert report.summary().endswith(": 1100 problems")
