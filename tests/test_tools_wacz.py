"""`scrapy wacz`, judged by zipfile, hashes, the plain WARC reader and the archive itself."""

from __future__ import annotations

import base64
import fcntl
import gzip
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import warm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from place import Place
from plain_warc import Record, read_records
from verify_tools import give_manifest

from crawler.crawl.settings import PROJECT_ROOT
from crawler.recording.exchange import Exchange
from crawler.recording.warc import WarcFile

OUTLET = "demo_daily"


class Packed(Place):
    """An archive and the command line that exports from it."""

    def scrapy(self, *words: object, **options: object) -> subprocess.CompletedProcess[bytes]:
        places = {"KHOBOR_ARCHIVE_URL": str(self.root / "archive"), "KHOBOR_SPOOL_DIR": str(self.root / "spool")}
        environment = {**os.environ, **places, "SCRAPY_PROJECT": "test", "KHOBOR_CONTACT": "archive@example.org"}
        command = [sys.executable, "-m", "scrapy", *map(str, words)]
        return warm.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, timeout=120, **options)

    def export(self, *words: object) -> Path:
        """Export into a file of its own; it must succeed."""
        path = self.root / f"{len(list(self.root.glob('*.wacz')))}.wacz"
        done = self.scrapy("wacz", "--outlet", OUTLET, *words, "--to", path)
        assert (done.returncode, done.stderr) == (0, b""), done.stderr
        return path

    def member(self, row: dict) -> bytes:
        """Return the gzip member of a row's record."""
        start = row["warc"]["offset"]
        return (self.root / "archive" / row["warc"]["file"]).read_bytes()[start : start + row["warc"]["length"]]


@pytest.fixture(scope="module")
def kept(crawled, tmp_path_factory) -> Packed:
    """Three days of three outlets."""
    place = Packed(tmp_path_factory.mktemp("kept"), "")
    shutil.copytree(crawled.root / "archive", place.root / "archive")
    return place


@pytest.fixture
def sealed(kept, tmp_path) -> Packed:
    """A copy of the archive that a test may damage."""
    shutil.copytree(kept.root / "archive", tmp_path / "archive")
    return Packed(tmp_path, "")


class Owning(Packed):
    """An archive whose manifests match every damage, because their digests would fail first."""

    def scrapy(self, *words: object, **options: object) -> subprocess.CompletedProcess[bytes]:
        for path in self.files("manifest/**/*.json"):
            manifest = json.loads(path.read_bytes())
            for entry in manifest["files"]:
                file = self.root / "archive" / entry["file"]
                if file.is_file():
                    entry["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
            rewrite(path, json.dumps(manifest).encode())
        return super().scrapy(*words, **options)


@pytest.fixture
def own(sealed) -> Packed:
    return Owning(sealed.root, "")


@pytest.fixture(scope="module")
def wacz(kept) -> Path:
    return kept.export()


def read(wacz: Path, name: str) -> bytes:
    with zipfile.ZipFile(wacz) as archive:
        return archive.read(name)


def pages_of(wacz: Path) -> list[dict]:
    header, *pages = map(json.loads, read(wacz, "pages/pages.jsonl").splitlines())
    assert header == {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}
    return pages


def records_of(wacz: Path, folder: Path) -> dict[str, list[Record]]:
    """Return the records of each WARC in a WACZ."""
    with zipfile.ZipFile(wacz) as archive:
        names = [name for name in archive.namelist() if name.startswith("archive/")]
        return {name.removeprefix("archive/"): read_records(Path(archive.extract(name, folder))) for name in names}


def verified(wacz: Path) -> dict:
    """Check the signature as a reader does and return what was signed."""
    digest = json.loads(read(wacz, "datapackage-digest.json"))
    package = read(wacz, "datapackage.json")
    signed = digest["signedData"]
    assert digest["path"] == "datapackage.json"
    assert digest["hash"] == signed["hash"] == f"sha256:{hashlib.sha256(package).hexdigest()}"
    assert signed["created"] == json.loads(package)["created"]
    signature = base64.b64decode(signed["signature"])
    assert len(signature) == 96
    numbers = (int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big"))
    key = serialization.load_der_public_key(base64.b64decode(signed["publicKey"]))
    key.verify(encode_dss_signature(*numbers), signed["hash"].encode(), ec.ECDSA(hashes.SHA256()))
    return signed


def test_the_setting_names_the_signing_key(kept, tmp_path):
    key, path = ec.generate_private_key(ec.SECP384R1()), tmp_path / "key.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form))
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    signed = verified(kept.export("-s", f"WACZ_SIGNING_KEY={path}"))
    assert base64.b64decode(signed["publicKey"]) == public


def refused(place: Packed, *words: object) -> tuple[int, str]:
    """Return exit code and the one line of an export that must fail and leave nothing."""
    before = {path for path in place.root.rglob("*") if path.is_file()}
    done = place.scrapy("wacz", *words)
    lines = done.stderr.decode().splitlines()
    assert (done.stdout, len(lines)) == (b"", 1), lines
    assert {path for path in place.root.rglob("*") if path.is_file()} == before
    return done.returncode, lines[0].removeprefix("khobor: ")


def failure(place: Packed) -> str:
    """Return the line of an export that must exit with 1."""
    code, line = refused(place, "--outlet", OUTLET, "--to", place.root / "x.wacz")
    assert code == 1, line
    return line


@pytest.mark.parametrize(
    ("words", "exit_code", "message"),
    [
        (["--outlet", "demo_daly", "--to", "x.wacz"], 2, "unknown outlet 'demo_daly': did you mean demo_daily"),
        (["--to", "x.wacz"], 2, "--outlet is missing"),
        (["--outlet", OUTLET], 2, "arguments are required: --to"),
        (["--outlet", OUTLET, "--to", "x.zip"], 2, "ends with .wacz"),
        (["--outlet", OUTLET, "--to", "x.wacz", "y"], 2, "takes options only, not 'y'"),
        (["--outlet", OUTLET, "--to", "x.wacz", "--form=x"], 2, "has no option --form=x"),
        (["--outlet", OUTLET, "--since", "2026-02-30", "--to", "x.wacz"], 2, "--since=2026-02-30 is not a day"),
        (["--outlet", OUTLET, "--since", "2026-11-02", "--until", "2026-11-01", "--to", "x.wacz"], 2, "is after"),
        (
            ["--outlet", OUTLET, "--until", "2026-11-01", "--to", "until.wacz"],
            1,
            f"{OUTLET}: no rows to 2026-11-01; there are rows from 2026-11-22 to 2026-11-24",
        ),
        (["--outlet", "samakal", "--to", "samakal.wacz"], 1, "samakal: there are no rows in"),
        (["--outlet", OUTLET, "--to", "/nowhere/x.wacz"], 1, "/nowhere/x.wacz: No such file"),
        (["--outlet", OUTLET, "--to", "key.wacz", "-s", "WACZ_SIGNING_KEY=/nowhere"], 1, "WACZ_SIGNING_KEY /nowhere"),
        (["--outlet", OUTLET, "--to", "x.wacz", "-s", "WARC_SIZE=many"], 2, "WARC_SIZE=many is not a whole number"),
    ],
)
def test_a_mistake_is_reported_in_one_line(kept, words, exit_code, message):
    code, line = refused(kept, *words)
    assert (code, message in line) == (exit_code, True), line


def test_the_remains_of_a_killed_export_are_replaced(own):
    (own.root / "0.wacz.partial").write_bytes(b"x" * 10_000_000)
    assert verified(own.export())
    assert not list(own.root.glob("*.partial"))


def test_two_exports_do_not_write_one_file(own):
    with (own.root / "x.wacz.partial").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        code, line = refused(own, "--outlet", OUTLET, "--to", own.root / "x.wacz")
    assert (code, line) == (2, f"{own.root / 'x.wacz.partial'}: another export is writing it")


def first_row(place: Packed) -> dict:
    return next(row for row in place.rows() if row["outlet"] == OUTLET)


def file_of(place: Packed, pattern: str) -> tuple[Path, str]:
    """Return the only file of a pattern and its key."""
    (path,) = (place.root / "archive").glob(pattern)
    return path, path.relative_to(place.root / "archive").as_posix()


def rewrite(path: Path, data: bytes) -> None:
    path.unlink()  # the file may be a link to that of another test
    path.write_bytes(data)


def rewrite_rows(place: Packed, change) -> str:
    """Change the lines of the outlet's rows and return their file."""
    path, key = file_of(place, f"articles/outlet={OUTLET}/**/*.jsonl.gz")
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    rewrite(path, gzip.compress(b"".join(change(lines))))
    return key


def edit_row(place: Packed, change) -> str:
    """Change the first row of the outlet and return its file."""

    def edited(lines):
        row = json.loads(lines[0])
        change(row)
        return [json.dumps(row).encode() + b"\n", *lines[1:]]

    return rewrite_rows(place, edited)


def spoil(own: Packed, row: dict, change) -> None:
    warc = own.root / "archive" / row["warc"]["file"]
    rewrite(warc, change(bytearray(warc.read_bytes())))


def place_of(row: dict) -> str:
    return f"{row['warc']['file']} at {row['warc']['offset']}"


def test_a_damaged_record_stops_the_export_with_its_place(own):
    row = own.rows()[3]

    def flip(data):
        data[row["warc"]["offset"] + row["warc"]["length"] // 2] ^= 1
        return data

    spoil(own, row, flip)
    assert failure(own).startswith(f"{place_of(row)}: ")


def test_a_truncated_record_stops_the_export(own):
    row = max(own.rows(), key=lambda row: (row["outlet"] == OUTLET, row["warc"]["offset"]))
    spoil(own, row, lambda data: data[: row["warc"]["offset"] + 100])
    assert failure(own) == f"{place_of(row)}: the file ends within a gzip member"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"HTTP/1.1 200", b"HTTP/1.1 201", "WARC-Block-Digest is sha1:"),
        (b"\r\nWARC-Payload-Digest: sha1:", b"\r\nWARC-Payload-Digest: sha1:A", "WARC-Payload-Digest is sha1:"),
        (b"WARC-Target-URI: http", b"WARC-Target-URI: hxxp", "the row's url is http"),
    ],
)
def test_a_record_that_contradicts_its_row_stops_the_export(own, old, new, message):
    row = first_row(own)
    at, length = (row["warc"][name] for name in ("offset", "length"))
    plain = gzip.decompress(own.member(row))
    assert plain.count(old) == 1
    member = gzip.compress(plain.replace(old, new))
    spoil(own, row, lambda data: data[:at] + member + data[at + length :])
    edit_row(own, lambda row: row["warc"].update(length=len(member)))
    line = failure(own)
    assert line.startswith(f"{place_of(row)}: {message}"), line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("record_id", "<urn:uuid:00000000-0000-4000-8000-000000000000>"),
        ("length", 1),
        ("payload_digest", f"sha1:{'X' * 32}"),
    ],
)
def test_a_row_that_contradicts_its_record_stops_the_export(own, name, value):
    row = first_row(own)
    edit_row(own, lambda row: row["warc"].update({name: value}))
    assert failure(own).startswith(f"{place_of(row)}: the row's {name} is {value}, the rec")


FILES = (5, "/etc/passwd", "/etc/x.warc.gz", "../../secret.warc.gz", "warc/../../secret.warc.gz")
TIMES = ({"at": "2026-11-23T00:10:00"}, {"at": "yesterday"}, {"at": "0001-01-01T00:00:00+14:00"}, [1])
CHANGES = [
    {"warc": None},
    *({"warc": {"offset": offset}} for offset in ("x", -5, 1.5, 1 << 63, 10**30)),
    *({"warc": {"record_id": record}} for record in ([1], None)),
    *({"warc": {"file": file}} for file in FILES),
    *({"published": published} for published in TIMES),
    {"published": None, "fetched_at": "2026-11-23T00:10:00"},
    *({"title": title} for title in ("\ud800", 5)),
    *({"url": 5}, {"text": None}, {"fetched_at": None}),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_malformed_row_stops_the_export_with_its_line(own, change):
    def apply(row):
        for name, value in change.items():
            row[name] = row[name] | value if name == "warc" and value else value

    file = edit_row(own, apply)
    assert failure(own).startswith((f"{file} line 1: ", f"{file} is damaged at line 1: "))


@pytest.mark.parametrize("text", [b"[1]", b"[" * 100_000, b'{"a":' * 100_000, b"\xff", b""])
def test_a_line_that_is_not_a_row_stops_the_export(own, text):
    file = rewrite_rows(own, lambda lines: [lines[0], text, b"\n"])
    assert failure(own).startswith(f"{file} is damaged at line 2: ")


def test_a_missing_warc_stops_the_export(own):
    file = first_row(own)["warc"]["file"]
    (own.root / "archive" / file).unlink()
    assert failure(own).startswith(f"{file} is not in the archive")


def test_damaged_rows_stop_the_export(own):
    path, key = file_of(own, f"articles/outlet={OUTLET}/**/*.jsonl.gz")
    rewrite(path, path.read_bytes()[:-20])
    assert failure(own).startswith(f"{key} is damaged")


def test_a_damaged_index_stops_the_export(own):
    path, key = file_of(own, f"index/{OUTLET}/**/*.cdxj")
    rewrite(path, path.read_bytes().replace(b'"offset"', b'"onset"', 1))
    assert failure(own) == f"{key} is damaged: KeyError('offset')"


def test_an_index_that_lost_redirects_stops_the_export(sealed):
    path, key = file_of(sealed, f"index/{OUTLET}/**/*.cdxj")
    pages = {row["warc"]["offset"] for row in sealed.rows()}
    lines = path.read_bytes().splitlines(keepends=True)
    unused = next(line for line in lines if int(json.loads(line.split(b" ", 2)[2])["offset"]) not in pages)
    rewrite(path, b"".join(line for line in lines if line is not unused))
    assert failure(sealed) == f"{key} is damaged: its SHA-256 differs from its manifest"


def doubled(lines):
    return [*lines, lines[0].replace(b'"version":1', b'"version":2')]


def test_a_missing_row_file_stops_the_export(sealed):
    path, key = file_of(sealed, f"articles/outlet={OUTLET}/**/*.gz")
    path.unlink()
    assert failure(sealed) == f"{key} is named by a manifest but is not in the archive"


def test_a_forged_text_stops_the_export(own):
    file = edit_row(own, lambda row: row.update(title="অন্য শিরোনাম"))
    assert failure(own) == f"{file} line 1: text_digest does not match title and text"


def test_a_damaged_manifest_stops_the_export(sealed):
    path, key = file_of(sealed, f"manifest/**/khobor-{OUTLET}-*.json")
    rewrite(path, path.read_bytes()[:-9])
    assert failure(sealed).startswith(f"{key} is damaged: ")


def test_a_pipe_in_place_of_rows_does_not_block(own):
    path, _ = file_of(own, f"articles/outlet={OUTLET}/**/*.gz")
    path.unlink()
    os.mkfifo(path)
    done = own.scrapy("wacz", "--outlet", OUTLET, "--to", own.root / "x.wacz")
    assert (done.returncode, b"not a regular file" in done.stderr) == (1, True)


def stopped(place: Packed, number: signal.Signals, moment: str) -> subprocess.CompletedProcess[bytes]:
    """Export with a signal after the first call of a function, given as module:name."""
    module, name = moment.split(":")
    code = (
        f"import os, sys, {module} as module\nfrom scrapy.cmdline import execute\ndone = module.{name}\n"
        f"def stop(*args):\n    answer = done(*args)\n    os.kill(os.getpid(), {int(number)})\n    return answer\n"
        f"module.{name} = stop\nexecute(['scrapy', *sys.argv[1:]])"
    )
    environment = {**os.environ, "SCRAPY_PROJECT": "test", "KHOBOR_ARCHIVE_URL": str(place.root / "archive")}
    command = [sys.executable, "-c", code, "wacz", "--outlet", OUTLET, "--to", str(place.root / "x.wacz")]
    return warm.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, timeout=60)


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_export_leaves_nothing(own, number, exit_code):
    done = stopped(own, number, "crawler.tools.wacz.export:read_capture")
    assert (done.returncode, done.stderr) == (exit_code, b"khobor: interrupted; nothing is left of the file\n")
    assert not list(own.root.glob("x.wacz*"))


def test_an_export_stopped_after_the_rename_reports_its_file(own):
    done = stopped(own, signal.SIGINT, "crawler.tools.export.output:name_new")
    assert (done.returncode, done.stderr.decode()) == (130, f"khobor: interrupted; {own.root / 'x.wacz'} is whole\n")
    assert verified(own.root / "x.wacz")
    assert not list(own.root.glob("*.partial"))


def in_shell(place: Packed, command: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "SCRAPY_PROJECT": "test", "KHOBOR_ARCHIVE_URL": str(place.root / "archive")}
    return subprocess.run(
        ["bash", "-c", command], cwd=PROJECT_ROOT, env=environment, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("closed", "to", "exit_code"), [("1", "x.wacz", 0), ("2", "x.wacz", 0), ("1", "-", 1)])
def test_a_closed_standard_stream_causes_no_traceback(own, closed, to, exit_code):
    target = to if to == "-" else own.root / to
    command = f"{sys.executable} -m scrapy wacz --outlet {OUTLET} --to {target} {closed}>&-"
    done = in_shell(own, command)
    assert (done.returncode, b"Traceback" in done.stderr) == (exit_code, False), done.stderr


def test_a_full_disk_is_reported_and_leaves_nothing(kept):
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (30_000, 30_000))
    done = kept.scrapy("wacz", "--outlet", OUTLET, "--to", kept.root / "x.wacz", preexec_fn=limit)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().splitlines() == [f"khobor: {kept.root / 'x.wacz'}: File too large"]
    assert not list(kept.root.glob("x.wacz*"))


def test_a_reader_that_goes_away_causes_no_message(kept):
    wacz = f"{sys.executable} -m scrapy wacz --outlet {OUTLET} --to -"
    done = in_shell(kept, f"{wacz} | head -c 10 >/dev/null; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (1, b"")


# Captures for the tests below are made with the recorder.
MOMENT = datetime(2026, 11, 24, 4, 0, 0, 123456, tzinfo=UTC)
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
URL = "http://a.example/daily/article/1"


def recorded(archive: Path, serial: int, visits: list[tuple[str, bytes, dict]]) -> list:
    """Record visits into a WARC with its index; return the captures."""
    stem = f"{OUTLET}/2026/11/khobor-{OUTLET}-20261124T04000{serial}000-00001-host"
    warc = WarcFile.create(archive, f"warc/{stem}.warc.gz", {"software": "khobor"})
    captures = []
    for number, (url, response, facts) in enumerate(visits):
        exchange = Exchange(url, "GET", started=MOMENT + timedelta(minutes=10 * serial + number), **facts)
        parts = urlsplit(url)
        exchange.send(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        exchange.receive(response)
        exchange.end("complete")
        captures.append(warc.write(exchange))
    warc.finish()
    index = archive / f"index/{stem}.cdxj"
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text("".join(f"{line}\n" for line in sorted(capture.index_line for capture in captures)))
    return captures


def placed(kept: Packed, folder: Path, capture) -> Packed:
    """Return an archive with one row that points to a capture."""
    pointer = {name: getattr(capture, name) for name in ("file", "offset", "length", "record_id", "payload_digest")}
    row = {**kept.rows()[0], "url": URL, "fetched_at": f"{capture.date:%Y-%m-%dT%H:%M:%S.%fZ}", "warc": pointer}
    name = f"articles/outlet={OUTLET}/crawl_month=2026-11/khobor-{OUTLET}-20261124T040000000-00001-host.jsonl.gz"
    rows = folder / "archive" / name
    rows.parent.mkdir(parents=True)
    rows.write_bytes(gzip.compress(json.dumps(row).encode() + b"\n"))
    give_manifest(folder / "archive", name)
    return Packed(folder, "")


def copied(wacz: Path, folder: Path) -> list[str]:
    """Return the identifiers of the responses and revisits in a WACZ of one WARC."""
    (records,) = records_of(wacz, folder).values()
    return [one.get("WARC-Record-ID") for one in records if one.get("WARC-Type") in ("response", "revisit")]


def test_redirects_to_an_article_are_included(kept, tmp_path):
    moved = b"HTTP/1.1 301 Moved Permanently\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"
    first, second = "http://a.example/1", "http://a.example/m/1"
    _, one, two, article, _ = recorded(
        tmp_path / "archive",
        1,
        [
            (first, moved, {}),
            (first, moved, {"hops": "L", "via": "http://a.example/"}),
            (second, moved, {"hops": "LR", "via": first}),
            (URL, HTML + b"A", {"hops": "LRR", "via": second}),
            (second, moved, {"hops": "LR", "via": first}),
        ],
    )
    wacz = placed(kept, tmp_path, article).export()
    assert copied(wacz, tmp_path / "out") == [one.record_id, two.record_id, article.record_id]
    lines = [json.loads(line.split(b" ", 2)[2]) for line in read(wacz, "indexes/index.cdxj").splitlines()]
    assert sorted((line["url"], line["status"]) for line in lines) == [(first, "301"), (URL, "200"), (second, "301")]


def test_a_row_that_points_to_a_revisit_stops_the_export(kept, tmp_path):
    (original,) = recorded(tmp_path / "archive", 1, [(URL, HTML + b"A", {})])
    (again,) = recorded(tmp_path / "archive", 2, [(URL, HTML + b"A", {"original": original.original})])
    line = failure(placed(kept, tmp_path, again))
    assert line == f"{again.file} at {again.offset}: expected a response, found a revisit record"
