"""The reader of WARC files: it finds any damage, or the damage changes no record."""

import gzip
import io
import random
import subprocess
import sys
import textwrap
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.archive.warc_reader import DamagedRecord, walk
from crawler.crawl.settings import PROJECT_ROOT

# Magic, method, flags, time, extra flags, system: what a gzip member says of itself beyond its content.
GZIP_HEAD = 10
# Checksum and size.
GZIP_TAIL = 8


def record(body, kind="response", length=None):
    size = len(body) if length is None else length
    head = f"WARC/1.1\r\nWARC-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode()
    return head + body + b"\r\n\r\n"


def member(plain):
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    return compressor.compress(plain) + compressor.flush()


BODIES = [b"software: khobor\r\n", b"HTTP/1.1 200 OK\r\n\r\n" + bytes(range(256)) * 3, b""]
MEMBERS = [member(record(body)) for body in BODIES]
FILE = b"".join(MEMBERS)


def read(data):
    """Return what a walk gives: (offset, length, version, fields, block) of each record."""
    return [
        (one.offset, one.length, one.version, tuple(one.fields), one.block.read()) for one in walk(io.BytesIO(data))
    ]


def outcome(data):
    """Return what a walk gives, or the offset of the damage."""
    try:
        return read(data)
    except DamagedRecord as damaged:
        return damaged.offset


def damage(data):
    with pytest.raises(DamagedRecord) as damaged:
        read(data)
    return damaged.value


WHOLE = read(FILE)


def test_records_are_read_with_their_places_fields_and_blocks():
    assert [block for *_, block in WHOLE] == BODIES
    assert [(offset, length) for offset, length, *_ in WHOLE] == [
        (sum(map(len, MEMBERS[:number])), len(MEMBERS[number])) for number in range(3)
    ]


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
@example(446, 64)
def test_a_flipped_byte_is_found_or_changes_nothing(at, mask):
    data = bytearray(FILE)
    data[at] ^= mask
    start, length = max((offset, length) for offset, length, *_ in WHOLE if offset <= at)
    found = outcome(bytes(data))
    # Time, system and flags of a gzip member are no part of the record, nor are the bits that fill its last byte
    # before the checksum; the manifest's digest covers them.
    is_outside = at - start < GZIP_HEAD or at == start + length - GZIP_TAIL - 1
    assert found == start or (found == WHOLE and is_outside)


@given(st.integers(0, len(FILE) - 1))
def test_a_file_cut_anywhere_but_between_records_is_found(size):
    starts = {offset for offset, *_ in WHOLE}
    if size in starts:
        assert read(FILE[:size]) == [one for one in WHOLE if one[0] < size]
    else:
        damaged = damage(FILE[:size])
        assert damaged.offset == max(offset for offset in starts if offset <= size)
        assert "ends within a gzip member" in damaged.problem


@given(st.integers(0, len(FILE) - 1), st.integers(1, 40))
def test_bytes_taken_out_of_a_file_never_go_unnoticed(at, count):
    assume_whole = {offset for offset, *_ in WHOLE} | {len(FILE)}
    if not (at in assume_whole and at + count in assume_whole):
        with pytest.raises(DamagedRecord):
            read(FILE[:at] + FILE[at + count :])


@given(st.binary(min_size=1, max_size=60))
def test_whatever_follows_the_last_record_is_found(garbage):
    assert damage(FILE + garbage).offset == len(FILE)


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=2000), max_size=6), st.integers(1, 500))
def test_short_reads_of_the_stream_change_nothing(bodies, step):
    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(step, size) if size > 0 else step)

    data = b"".join(member(record(body)) for body in bodies)
    assert [one.block.read() for one in walk(Slow(data))] == bodies


def test_a_walk_from_an_offset_gives_offsets_of_the_file():
    start = len(MEMBERS[0])
    assert [one.offset for one in walk(io.BytesIO(FILE[start:]), start)] == [start, start + len(MEMBERS[1])]


@pytest.mark.parametrize(
    ("plain", "problem"),
    [
        (record(b"one") + record(b"two"), "not exactly one record"),
        (record(b"one") + b"\0", "not exactly one record"),
        (record(b"one", length=2), "not exactly one record"),
        (record(b"one", length=4), "not exactly one record"),
        (record(b"one")[:-2], "not exactly one record"),
        (b"WARC/1.1\r\nWARC-Type: response\r\n\r\nbody\r\n\r\n", "Content-Length is missing"),
        (b"WARC/1.1\r\nWARC-Type: response\r\n", "does not begin with a WARC record"),
        (b"", "does not begin with a WARC record"),
        (b"WARC/2.0\r\nContent-Length: 0\r\n\r\n\r\n\r\n", "does not begin with a WARC record"),
        (b"WARC/1.1\r\nno colon\r\nContent-Length: 0\r\n\r\n\r\n\r\n", "has no colon"),
    ],
)
def test_a_member_that_is_not_exactly_one_record_is_damage(plain, problem):
    damaged = damage(MEMBERS[0] + member(plain))
    assert damaged.offset == len(MEMBERS[0])
    assert problem in damaged.problem


def test_an_uncompressed_record_is_damage():
    assert damage(record(b"plain")).offset == 0


def test_a_record_has_its_stated_version():
    assert [one.version for one in walk(io.BytesIO(member(record(b"").replace(b"1.1", b"1.0", 1))))] == ["WARC/1.0"]


@pytest.mark.parametrize("body", ["bytes(30 << 20)", "random.Random(1).randbytes(30 << 20)"])
def test_a_block_of_30_megabytes_is_read_in_flat_memory(body, tmp_path):
    path = tmp_path / "large.warc.gz"
    data = eval(body, {"random": random})
    path.write_bytes(gzip.compress(record(data), 1))
    program = f"""
        import resource
        from crawler.archive.warc_reader import walk
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with open({str(path)!r}, "rb") as stream:
            for one in walk(stream):
                size = sum(len(piece) for piece in iter(lambda: one.block.read(1 << 16), b""))
        print(size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    size, kilobytes = map(int, run.stdout.split())
    assert size == 30 << 20
    assert kilobytes < 12_000
