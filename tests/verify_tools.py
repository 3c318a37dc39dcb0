"""Archives to be verified, and ways to damage them, with and without manifests that match the damage."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import sandbox
import warm
from place import touch
from plain_warc import Record, read_records

from crawler.archive.manifests import FinishedFile, write_json, write_manifest
from crawler.archive.message import digest
from crawler.archive.names import index_of, key_of, manifest_of, run_name, segment_name, stem_of
from crawler.archive.records import GzipMembers
from crawler.archive.spool import SegmentLimits
from crawler.archive.storage.directory import DirectoryStorage
from crawler.crawl.settings import PROJECT_ROOT
from crawler.model.article import Article, Extractor, article_id
from crawler.recording.commits import complete
from crawler.recording.exchange import Exchange
from crawler.recording.segments import Segments
from crawler.recording.warc import WarcFile
from crawler.tools.verification.archive import Verification

PEER = "192.0.2.7"
FIELDS = {"software": "khobor"}
STARTED = datetime(2026, 11, 24, 10, 15, 0, 123000, tzinfo=UTC)
# When the first run of a September began.
FIRST = datetime(2026, 9, 24, 10, 15, 0, 123000, tzinfo=UTC)
LIMITS = SegmentLimits(10**9, timedelta(hours=1))
# Fields that a record may have more than once.
REPEATED = (b"WARC-Concurrent-To", b"WARC-Protocol")
PAGE = b"<html><body>" + "সংবাদ".encode() * 200 + b"</body></html>"


@dataclass
class Kept:
    """An archive and the spool before it."""

    root: Path

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    def copied(self, root: Path) -> Kept:
        """Return a copy of the archive, with an empty spool."""
        shutil.copytree(self.archive, root / "archive")
        return Kept(root)

    def command(self, name: str, *words: str) -> list[str]:
        options = ["-s", f"ARCHIVE_URL={self.archive}", "-s", f"SPOOL_DIR={self.spool}"]
        return [sys.executable, "-m", "scrapy", name, *options, *words]

    def scrapy(self, name: str, *words: str, **options):
        """Run a command on this archive."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        command = self.command(name, *words)
        return warm.run(
            command, cwd=PROJECT_ROOT, env=sandbox.environment(SCRAPY_PROJECT="test"), text=True, timeout=60, **pipes
        )

    def verification(self, jobs=1):
        """Return a verification to be closed."""
        return closing(Verification(self.storage, self.spool, lambda done, total: None, jobs=jobs))

    def storage(self):
        return DirectoryStorage(self.archive)

    def verify(self, *outlets: str, since=None, jobs=1):
        with self.verification(jobs) as verification:
            verification.survey()
            return verification.check(list(outlets), since)

    def verify_quickly(self):
        with self.verification() as verification:
            verification.survey()
            return verification.check_quickly([], None)

    def problems(self, *outlets: str, since=None):
        """Return (file, offset, problem) of everything found."""
        return [(one.file, one.offset, one.problem) for one in self.verify(*outlets, since=since).findings]

    def keys(self, pattern: str) -> list[str]:
        return sorted(path.relative_to(self.archive).as_posix() for path in self.archive.glob(pattern))

    def key(self, pattern: str) -> str:
        return self.keys(pattern)[0]

    def read(self, key: str) -> bytes:
        return (self.archive / key).read_bytes()

    def write(self, key: str, data: bytes) -> None:
        """Replace a file; never through a link that the pristine archive shares."""
        path = self.archive / key
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        touch(path)

    def flip(self, key: str, at: int) -> None:
        data = bytearray(self.read(key))
        data[at] ^= 0x10
        self.write(key, bytes(data))

    def records(self, key: str) -> list[Record]:
        return read_records(self.archive / key)

    def members(self, key: str) -> list[bytes]:
        data = self.read(key)
        return [data[one.offset : one.offset + one.length] for one in self.records(key)]

    def edit(self, key: str, number: int, old: bytes, new: bytes) -> None:
        """Change what a record of a WARC says and pack it again; index and manifest follow."""
        members = self.members(key)
        plain = gzip.decompress(members[number])
        assert plain.count(old) >= 1
        members[number] = pack(plain.replace(old, new))
        self.rewrite(key, members)

    def forge(self, key: str, number: int, block: bytes) -> None:
        """Give a record another block, with digests and length that fit; index and manifest follow."""
        members = self.members(key)
        head = gzip.decompress(members[number]).partition(b"\r\n\r\n")[0]
        payload = block.partition(b"\r\n\r\n")[2]
        facts = {b"Content-Length": b"%d" % len(block), b"WARC-Block-Digest": digest([block]).encode()}
        if b"WARC-Type: request" in head:
            facts[b"WARC-Payload-Digest"] = digest([payload]).encode()
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if not line.startswith(REPEATED)) | facts
        others = [line for line in head.split(b"\r\n") if line.startswith(REPEATED)]
        lines = [b"WARC/1.1", *(b"%b: %b" % field for field in fields.items()), *others]
        members[number] = pack(b"\r\n".join(lines) + b"\r\n\r\n" + block + b"\r\n\r\n")
        self.rewrite(key, members)

    def remove(self, key: str, number: int) -> None:
        """Take a record out, and its name from the others of its exchange; index and manifest follow."""
        name = f"WARC-Concurrent-To: {self.records(key)[number].get('WARC-Record-ID')}\r\n".encode()
        members = [pack(gzip.decompress(one).replace(name, b"")) for one in self.members(key)]
        del members[number]
        self.rewrite(key, members)

    def rewrite(self, key: str, members: list[bytes]) -> None:
        """Write a WARC of these members and make index and manifest agree."""
        before = {one.offset: one.get("WARC-Record-ID") for one in self.records(key)}
        self.write(key, b"".join(members))
        after = {one.get("WARC-Record-ID"): one for one in self.records(key)}
        index = index_of(key)
        lines = []
        for line in self.read(index).splitlines():
            name, moment, entry = line.split(b" ", 2)
            fields = json.loads(entry)
            record = after.get(before[int(fields["offset"])])
            if record is not None:
                fields |= {"offset": str(record.offset), "length": str(record.length)}
                lines.append(b" ".join([name, moment, json.dumps(fields).encode()]) + b"\n")
        self.write(index, b"".join(sorted(lines)))
        self.own_up(key, index)

    def own_up(self, *keys: str) -> None:
        """Make the manifests match the files."""
        for manifest in {manifest_of(key) for key in keys}:
            with self.edited(manifest) as document:
                for entry in document["files"]:
                    if entry["file"] in keys:
                        entry.update(self.facts(entry))

    def write_json(self, key: str, document) -> None:
        """Write a manifest or a run file as a run does."""
        self.write(key, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())

    @contextmanager
    def edited(self, key: str):
        """Yield the content of a manifest or run file, and write it back changed."""
        document = json.loads(self.read(key))
        yield document
        self.write_json(key, document)

    def facts(self, entry):
        data = self.read(entry["file"])
        facts = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        if entry["file"].startswith("warc/"):
            records = self.records(entry["file"])
            dates = [one.get("WARC-Date") for one in records if one.get("WARC-Type") != "warcinfo"]
            facts |= {"records": dict(Counter(one.get("WARC-Type") for one in records))}
            facts |= {"first": min(dates), "last": max(dates)}
        if entry["file"].startswith("articles/"):
            facts["records"] = {"rows": gzip.decompress(data).count(b"\n")}
        return facts

    def edit_row(self, key: str, number: int, **changes) -> int:
        """Change a row and the manifest with it; return where the row begins."""
        lines = self.lines(key)
        lines[number] = json.dumps(json.loads(lines[number]) | changes).encode() + b"\n"
        self.write_lines(key, lines)
        return sum(map(len, lines[:number]))

    def row(self, key: str, number: int):
        return json.loads(self.lines(key)[number])

    def lines(self, key: str) -> list[bytes]:
        """Return the lines of a row file or an index."""
        data = self.read(key)
        return (gzip.decompress(data) if key.endswith(".gz") else data).splitlines(keepends=True)

    def write_lines(self, key: str, lines: list[bytes]) -> None:
        """Write a row file or an index; the manifest follows."""
        self.write(key, gzip.compress(b"".join(lines), mtime=0) if key.endswith(".gz") else b"".join(lines))
        self.own_up(key)


def give_manifest(root: Path, *keys: str) -> None:
    """Write the manifest of a segment with these files into an archive."""
    contents = {key: (root / key).read_bytes() for key in keys}
    files = [FinishedFile(key, len(data), hashlib.sha256(data).hexdigest()) for key, data in contents.items()]
    write_manifest(root, stem_of(keys[0]), [], files)


def pack(plain: bytes) -> bytes:
    """Return a record as a gzip member, as our writer packs it."""
    stream = GzipMembers()
    stream.write(plain)
    stream.flush()
    return stream.ended[0]


def answer(url, body=PAGE, *, status=b"200 OK", moment=0, original=None, chunked=False, etag=b'"a"'):
    """Return an exchange that ended well, `moment` seconds into the run."""
    seen = Exchange(url=url, method="GET", started=STARTED + timedelta(seconds=moment), original=original)
    seen.peer = PEER
    seen.is_conditional = status.startswith(b"304")
    seen.send(f"GET {url} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode())
    head = b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nETag: %s\r\n" % (status, etag)
    if seen.is_conditional:
        seen.receive(head + b"\r\n")
    elif chunked:
        seen.receive(head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
    else:
        seen.receive(head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    seen.end("complete")
    return seen


def silence(url, moment=0):
    """Return an exchange to which no answer came."""
    seen = Exchange(url=url, method="GET", started=STARTED + timedelta(seconds=moment), peer=PEER)
    seen.send(f"GET {url} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode())
    seen.end("disconnected")
    return seen


def text_digest(text):
    """Return a digest in the form that rows have."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def row_of(capture, key, version=1, previous=None, outlet="samakal"):
    """Return the line of a row read from a capture, and its digest."""
    article = Article(article_id(outlet, key), outlet, capture.url, capture.url, f"শিরোনাম {version}", text="এক")
    article.http_status = 200
    article.text_digest = text_digest(f"{key}-{version}")
    article.extractor = Extractor("trial", "1")
    complete(article, capture, version, previous)
    return article.as_line(), article.text_digest


class Run:
    """A run of an outlet that writes straight into an archive, as the recorder and its push would."""

    def __init__(self, root: Path, outlet: str = "samakal", started: datetime = STARTED) -> None:
        self.root = root
        self.outlet = outlet
        self.started = started
        self.name = run_name(outlet, started)
        self.segments = Segments(root, "spool", self.name, outlet, FIELDS | {"run": self.name}, LIMITS)
        # A segment has the time of its run, which is not now.
        self.segments._new_warc = self._new_warc

    def _new_warc(self, outlet):
        stem = segment_name(outlet, self.started, len(self.segments.closing) + 1)
        return WarcFile.create(self.root, key_of("warc", stem), FIELDS | {"run": self.name})

    def keep(self, *exchanges):
        captures = [self.segments.write(exchange) for exchange in exchanges]
        self.segments.sync(captures)
        return captures

    def rows(self, *lines):
        self._current.append_rows(list(lines))

    def roll(self):
        """Begin another segment."""
        self.segments.roll([self.outlet])

    @property
    def _current(self):
        return self.segments._current[self.outlet]

    def end(self):
        self.segments.finish_all()
        facts = {"run": self.name, "outlet": self.outlet, "started": self.started, "finished": self.started}
        facts |= {"reason": "finished", "stats": {}, "segments": self.segments.finished}
        write_json(self.root, key_of("runs", self.name), facts)


def make_archive(root: Path) -> Kept:
    """Return an archive with every kind of record: two runs, the second full of revisits."""
    kept = Kept(root)
    run = Run(kept.archive)
    first, chunked, _ = run.keep(
        answer("https://samakal.com/a/article/1"),
        answer("https://samakal.com/a/article/2", chunked=True, moment=1),
        silence("https://samakal.com/a/article/3", moment=2),
    )
    line, digest = row_of(first, "1")
    run.rows(line, row_of(chunked, "2")[0])
    run.end()
    run = Run(kept.archive, started=STARTED + timedelta(days=1))
    days = 86400
    same, _, _, changed = run.keep(
        answer("https://samakal.com/a/article/1", moment=days, original=first.original),
        answer("https://samakal.com/a/article/2", chunked=True, moment=days + 1, original=chunked.original),
        answer("https://samakal.com/a/article/1", status=b"304 Not Modified", moment=days + 2, original=first.original),
        answer("https://samakal.com/a/article/1", PAGE + b"<p>edited</p>", moment=days + 3),
    )
    run.rows(row_of(changed, "1", 2, digest)[0], row_of(same, "4")[0])
    run.end()
    return kept


def run_daily(root, outlet, days):
    """Run an outlet on days from FIRST; the last run has a second version of what the first one has."""
    digest = None
    for day in days:
        run = Run(root, outlet, FIRST + timedelta(days=day))
        moment = (FIRST - STARTED).total_seconds() + day * 86400
        address = f"https://{outlet}.com/a/article/"
        first, own = run.keep(
            answer(f"{address}1", f"<html>{day}</html>".encode(), moment=moment),
            answer(f"{address}{day + 2}", moment=moment + 1),
        )
        lines = [row_of(own, str(day + 2), outlet=outlet)[0]]
        if day in (days[0], days[-1]):
            line, digest = row_of(first, "1", 1 if digest is None else 2, digest, outlet=outlet)
            lines.append(line)
        run.rows(*lines)
        run.end()


def make_september(root, days):
    """Return an archive of two outlets that ran on days from FIRST."""
    kept = Kept(root)
    for outlet in ("samakal", "ittefaq"):
        run_daily(kept.archive, outlet, days)
    return kept


def late_run(kept):
    """Run an outlet an hour after FIRST."""
    late = Run(kept.archive, "samakal", FIRST + timedelta(hours=1))
    (page,) = late.keep(answer("https://samakal.com/a/article/9", moment=(FIRST - STARTED).total_seconds() + 3600))
    late.rows(row_of(page, "9")[0])
    late.end()
