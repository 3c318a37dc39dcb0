"""The storage of an archive in a bucket of a real S3 server: complete objects, each sent once."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta

import boto3
import pytest
from awscrt.checksums import crc64nvme
from botocore.exceptions import ClientError

from crawler.archive.storage import storage_for
from crawler.archive.storage.base import LEAST_PART, MARK_LINE, Options, StorageError, StoreUnreachable
from crawler.archive.storage.s3_reading import FIRST_BYTES
from crawler.system import clock
from interop import seaweedfs
from interop.foreign import ROOT
from interop.middleman import Middleman

KEY = "warc/samakal/2026/11/khobor-samakal-20261124T101500123-00001-host.warc.gz"
PARTS = 6
KILLS = 3
# As `scrapy push` uploads, in a process that can be killed.
PUT = """
import sys
from pathlib import Path
from crawler.archive.storage.base import Options
from crawler.archive.storage import storage_for
url, local, key, rate = sys.argv[1:]
options = Options(part_size=5 << 20, parts_at_once=2, bytes_per_second=float(rate))
storage_for(url, options).put(Path(local), key)
"""


@pytest.fixture
def bucket(server, monkeypatch):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return server.new_bucket()


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small"
    path.write_bytes(b"record")
    return path


@pytest.fixture
def large(tmp_path):
    """A file of several different parts that do not compress."""
    path = tmp_path / "large"
    path.write_bytes(random.Random(1).randbytes((PARTS - 1) * LEAST_PART + 4711))
    return path


def options(**more):
    return Options(part_size=LEAST_PART, **more)


def crc64(path):
    return base64.b64encode(crc64nvme(path.read_bytes()).to_bytes(8)).decode()


def head(server, bucket, key):
    return server.client().head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def open_uploads(server, bucket):
    return server.client().list_multipart_uploads(Bucket=bucket, Prefix="warc/").get("Uploads", [])


@pytest.mark.parametrize("file", ["small", "large"])
def test_an_object_is_whole_and_has_its_digests(server, bucket, request, file):
    path, sizes = request.getfixturevalue(file), []
    storage_for(f"s3://{bucket}/below/here", options()).put(path, KEY, sizes.append)
    there = head(server, bucket, f"below/here/{KEY}")
    assert there["ContentLength"] == path.stat().st_size == sum(sizes)
    assert there["ChecksumCRC64NVME"] == crc64(path)
    assert there["Metadata"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    body = server.client().get_object(Bucket=bucket, Key=f"below/here/{KEY}")["Body"].read()
    assert body == path.read_bytes()
    assert not open_uploads(server, bucket)


@pytest.mark.parametrize("file", ["small", "large"])
def test_an_existing_object_is_neither_sent_again_nor_overwritten(server, bucket, request, file):
    path = request.getfixturevalue(file)
    storage = storage_for(f"s3://{bucket}", options())
    storage.put(path, KEY)
    before = head(server, bucket, KEY)
    storage.put(path, KEY)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(StorageError, match="other content"):
        storage.put(path, KEY)
    assert head(server, bucket, KEY)["LastModified"] == before["LastModified"]
    assert not open_uploads(server, bucket)


@pytest.mark.parametrize("file", ["small", "large"])
def test_an_object_is_replaced_whole(server, bucket, request, file):
    path = request.getfixturevalue(file)
    storage = storage_for(f"s3://{bucket}", options())
    server.client().put_object(Bucket=bucket, Key=KEY, Body=b"damaged")
    storage.replace(path, KEY, hashlib.sha256(path.read_bytes()).hexdigest())
    assert head(server, bucket, KEY)["ChecksumCRC64NVME"] == crc64(path)
    assert server.client().get_object(Bucket=bucket, Key=KEY)["Body"].read() == path.read_bytes()
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(StorageError, match="other content"):
        storage.put(path, KEY)
    assert not open_uploads(server, bucket)


@pytest.mark.parametrize("file", ["small", "large"])
def test_the_second_of_two_concurrent_puts_overwrites_nothing(server, bucket, request, monkeypatch, file):
    path = request.getfixturevalue(file)
    storage = storage_for(f"s3://{bucket}", options())
    real = storage._head
    # The other object appears between the look-up and the upload.
    monkeypatch.setattr(storage, "_head", lambda key: monkeypatch.setattr(storage, "_head", real))
    server.client().put_object(Bucket=bucket, Key=KEY, Body=b"another's")
    with pytest.raises(StorageError, match="other content"):
        storage.put(path, KEY)
    assert head(server, bucket, KEY)["ContentLength"] == 9
    assert not open_uploads(server, bucket)


def test_an_object_without_our_digest_is_compared_by_content(server, bucket, small):
    client = server.client()
    client.put_object(Bucket=bucket, Key=KEY, Body=b"record", ChecksumAlgorithm="SHA256")
    storage_for(f"s3://{bucket}", options()).put(small, KEY)
    client.put_object(Bucket=bucket, Key="warc/other", Body=b"recorD", ChecksumAlgorithm="SHA256")
    with pytest.raises(StorageError, match="other content"):
        storage_for(f"s3://{bucket}", options()).put(small, "warc/other")


def test_a_killed_upload_is_sent_again_whole(server, bucket, large):
    large.write_bytes(random.Random(3).randbytes(19 * LEAST_PART + 4711))
    with Middleman(server.port) as middleman:
        for kill in range(KILLS + 1):
            begun = len(middleman.parts)
            process = put_in_process(server, middleman, bucket, large, 12 << 20 if kill < KILLS else 0)
            if kill < KILLS:
                # Two parts are sent at once: the third begins after one has arrived.
                wait_for(lambda begun=begun: len(middleman.parts) >= begun + 3)
                process.kill()
                assert process.wait() == -signal.SIGKILL
                assert large.exists()
                with pytest.raises(ClientError, match="404"):
                    head(server, bucket, KEY)
            else:
                assert process.wait(120) == 0
        assert sorted(middleman.parts[begun:]) == list(range(1, 21))
    assert head(server, bucket, KEY)["ChecksumCRC64NVME"] == crc64(large)
    # A lifecycle rule of the bucket removes these.
    assert len(open_uploads(server, bucket)) == KILLS


def put_in_process(server, middleman, bucket, local, rate=0.0):
    words = [f"s3://{bucket}", local, KEY, rate]
    environment = {**os.environ, **server.environment(middleman.port)}
    return subprocess.Popen([sys.executable, "-c", PUT, *map(str, words)], cwd=ROOT, env=environment)


def test_an_interrupted_upload_is_aborted(server, bucket, large):
    with Middleman(server.port) as middleman:
        process = put_in_process(server, middleman, bucket, large, 4 << 20)
        wait_for(lambda: len(middleman.parts) >= 3)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == -signal.SIGINT
        assert time.monotonic() - began < 10
    wait_for(lambda: not open_uploads(server, bucket))


def test_a_silent_store_keeps_no_process_alive(server, bucket, large):
    with Middleman(server.port, stalled=rb"partNumber=2") as middleman:
        process = put_in_process(server, middleman, bucket, large)
        wait_for(lambda: middleman.stalls)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == -signal.SIGINT
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("file", ["small", "large"])
def test_bytes_corrupted_in_transit_are_rejected_and_sent_again(server, bucket, request, monkeypatch, file):
    path = request.getfixturevalue(file)
    path.write_bytes(path.read_bytes()[:-1000] + b"flip-me!" + bytes(992))
    with Middleman(server.port, b"flip-me!", times=1) as middleman:
        monkeypatch.setenv("AWS_ENDPOINT_URL", middleman.url)
        storage_for(f"s3://{bucket}", options()).put(path, KEY)
        assert middleman.times == 0
    assert head(server, bucket, KEY)["ChecksumCRC64NVME"] == crc64(path)


@pytest.mark.parametrize("file", ["small", "large"])
def test_bytes_corrupted_every_time_are_never_stored(server, bucket, request, monkeypatch, file):
    path = request.getfixturevalue(file)
    path.write_bytes(path.read_bytes()[:-1000] + b"flip-me!" + bytes(992))
    with Middleman(server.port, b"flip-me!", times=100) as middleman:
        monkeypatch.setenv("AWS_ENDPOINT_URL", middleman.url)
        with pytest.raises(StorageError, match="refused a checksum"):
            storage_for(f"s3://{bucket}", options()).put(path, KEY)
    with pytest.raises(ClientError, match="404"):
        head(server, bucket, KEY)


def test_a_failed_upload_leaves_no_parts(server, bucket, large, monkeypatch):
    with Middleman(server.port, unknown=b"partNumber=3") as middleman:
        monkeypatch.setenv("AWS_ENDPOINT_URL", middleman.url)
        with pytest.raises(StorageError, match="refused: NotImplemented"):
            storage_for(f"s3://{bucket}", options()).put(large, KEY)
    assert not open_uploads(server, bucket)


def test_an_upload_dropped_by_the_store_is_sent_again_next_time(server, bucket, large, monkeypatch):
    with Middleman(server.port, gone=b"partNumber=2") as middleman:
        monkeypatch.setenv("AWS_ENDPOINT_URL", middleman.url)
        with pytest.raises(StoreUnreachable, match=r"is not in .* after its upload; it will be sent again"):
            storage_for(f"s3://{bucket}", options()).put(large, KEY)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
    storage_for(f"s3://{bucket}", options()).put(large, KEY)
    assert head(server, bucket, KEY)["ChecksumCRC64NVME"] == crc64(large)


def test_an_upload_whose_last_answer_is_lost_counts(server, bucket, large, monkeypatch):
    """The request is repeated, and the store knows the upload no more."""
    completing = f"POST /{bucket}/{KEY}?uploadId=".encode()
    with Middleman(server.port, mute=completing) as middleman:
        monkeypatch.setenv("AWS_ENDPOINT_URL", middleman.url)
        storage_for(f"s3://{bucket}", options()).put(large, KEY)
        assert middleman.mutes
    assert head(server, bucket, KEY)["ChecksumCRC64NVME"] == crc64(large)


def test_a_login_page_instead_of_a_store_is_recognized(server, bucket, large, monkeypatch):
    with Middleman(server.port, portal=b".warc.gz?uploads") as middleman:
        monkeypatch.setenv("AWS_ENDPOINT_URL", middleman.url)
        with pytest.raises(StoreUnreachable, match="the answer is not from an S3 store"):
            storage_for(f"s3://{bucket}", options()).put(large, KEY)


def test_a_part_answered_by_a_login_page_has_not_arrived(server, bucket, large, monkeypatch):
    with Middleman(server.port, portal=b"partNumber=2") as middleman:
        monkeypatch.setenv("AWS_ENDPOINT_URL", middleman.url)
        with pytest.raises(StoreUnreachable, match="the answer is not from an S3 store"):
            storage_for(f"s3://{bucket}", options()).put(large, KEY)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
    storage_for(f"s3://{bucket}", options()).put(large, KEY)
    assert head(server, bucket, KEY)["ChecksumCRC64NVME"] == crc64(large)


def test_uploads_respect_the_rate_limit(bucket, large):
    storage = storage_for(f"s3://{bucket}", options(bytes_per_second=20e6))
    storage.check()
    began = time.monotonic()
    storage.put(large, KEY)
    assert large.stat().st_size / 20e6 <= time.monotonic() - began < 4


def test_upload_memory_does_not_grow_with_the_file(bucket, tmp_path):
    path = tmp_path / "huge"
    with path.open("wb") as stream:
        stream.truncate(200 << 20)
    measured = PUT + "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    peaks = []
    for size in (20 << 20, 200 << 20):
        os.truncate(path, size)
        words = [sys.executable, "-c", measured, f"s3://{bucket}", path, f"warc/{size}", 0]
        done = subprocess.run([str(word) for word in words], cwd=ROOT, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] + 20_000


def test_objects_have_the_configured_class_and_lock(server, small, monkeypatch):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    bucket = server.new_bucket(ObjectLockEnabledForBucket=True)
    kept = options(storage_class="STANDARD_IA", lock="COMPLIANCE", lock_days=30)
    storage = storage_for(f"s3://{bucket}", kept)
    storage.check()
    storage.put(small, KEY)
    storage.put(small, "runs/2026/11/run.json")
    there = head(server, bucket, KEY)
    assert there["StorageClass"] == "STANDARD_IA"
    assert there["ObjectLockMode"] == "COMPLIANCE"
    assert timedelta(days=29) < there["ObjectLockRetainUntilDate"] - there["LastModified"]
    assert head(server, bucket, "runs/2026/11/run.json").get("StorageClass", "STANDARD") == "STANDARD"
    with pytest.raises(ClientError, match="AccessDenied"):
        server.client().delete_object(Bucket=bucket, Key=KEY, VersionId=there["VersionId"])


def test_a_bucket_without_object_locks_is_reported(bucket):
    storage = storage_for(f"s3://{bucket}", options(lock="GOVERNANCE", lock_days=30))
    with pytest.raises(StorageError, match=r"the bucket has no object locks \(S3_OBJECT_LOCK\)"):
        storage.check()


def test_a_check_replaces_nothing_and_lists_nothing(server, bucket, caplog):
    caplog.set_level(logging.WARNING)
    storage = storage_for(f"s3://{bucket}", options())
    storage.mark(MARK_LINE + b"id: 4711\n")
    before = head(server, bucket, ".khobor")["LastModified"]
    time.sleep(1.1)  # the precision of the date
    storage.check()
    assert head(server, bucket, ".khobor")["LastModified"] == before
    assert not caplog.messages  # SeaweedFS has everything
    assert list(storage.list()) == []


def test_keys_without_the_right_to_write_fail_every_check(bucket, monkeypatch):
    storage_for(f"s3://{bucket}", options()).check()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", seaweedfs.READER)
    with pytest.raises(StorageError, match="the credentials have no right to do this"):
        storage_for(f"s3://{bucket}", options()).check()


LACKS = "the store has no conditional writes (a HEAD request before each instead)"


def test_a_store_that_ignores_conditions_and_checksums_gets_nothing_twice(
    tmp_path, small, large, caplog, monkeypatch, bucket
):
    with seaweedfs.lesser(tmp_path / "nanio") as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        boto3.client("s3").create_bucket(Bucket=bucket)
        for _ in range(2):
            storage = storage_for(f"s3://{bucket}", options())
            storage.check()
            storage.put(large, KEY)
            storage.put(small, "small")
        small.write_bytes(b"recorD")
        with pytest.raises(StorageError, match="other content"):
            storage.put(small, "small")
        assert sorted(storage.list()) == [("small", 6), (KEY, large.stat().st_size)]
        with storage.open(KEY) as stream:
            assert stream.read() == large.read_bytes()
    assert not caplog.messages


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ((b"if-none-match",), LACKS),
        ((b"x-amz-checksum-crc64nvme", b"x-amz-checksum-algorithm"), "no CRC64NVME"),
        ((b"if-none-match", b"x-amz-checksum-crc64nvme", b"x-amz-checksum-algorithm"), f"{LACKS} and no CRC64NVME"),
    ],
)
def test_a_store_that_refuses_a_header_gets_none(server, bucket, small, large, caplog, monkeypatch, refused, said):
    with Middleman(server.port, refused=refused) as middleman:
        monkeypatch.setenv("AWS_ENDPOINT_URL", middleman.url)
        storage = storage_for(f"s3://{bucket}", options())
        storage.check()
        storage.put(large, KEY)
        storage.put(small, "small")
    assert said in caplog.text
    assert len(caplog.messages) == 1
    assert server.client().get_object(Bucket=bucket, Key=KEY)["Body"].read() == large.read_bytes()
    assert head(server, bucket, "small")["Metadata"] == {"sha256": hashlib.sha256(b"record").hexdigest()}


def test_an_interrupted_read_resumes(server, bucket, large, monkeypatch):
    storage_for(f"s3://{bucket}", options()).put(large, KEY)
    storage = storage_for(f"s3://{bucket}")
    with storage.open(KEY, 1000) as stream:
        first = stream.read(1 << 20)
        stream.raw._body._raw_stream.close()
        stream.raw._body._raw_stream._fp.close()
        rest = stream.read()
    assert first + rest == large.read_bytes()[1000:]


def test_reads_fetch_little_more_than_needed_over_one_connection(server, bucket, large, monkeypatch):
    storage_for(f"s3://{bucket}", options()).put(large, KEY)
    data, offsets = large.read_bytes(), range(0, 20_000_000, 5_000_000)
    with Middleman(server.port) as middleman:
        monkeypatch.setenv("AWS_ENDPOINT_URL", middleman.url)
        storage = storage_for(f"s3://{bucket}")
        for offset in offsets:
            with storage.open(KEY, offset) as stream:
                assert stream.read(20_000) == data[offset : offset + 20_000]
        assert middleman.returned < len(offsets) * (FIRST_BYTES + 10_000)
        with storage.open(KEY) as stream:
            assert stream.read() == data
        assert middleman.connections == 1


@pytest.mark.parametrize("size", [FIRST_BYTES - 1, FIRST_BYTES, FIRST_BYTES + 1, 5 * FIRST_BYTES])
def test_an_object_as_long_as_a_span_is_read_whole(bucket, small, size):
    small.write_bytes(random.Random(size).randbytes(size))
    storage = storage_for(f"s3://{bucket}", options())
    storage.put(small, KEY)
    with storage.open(KEY) as stream:
        assert stream.read() == small.read_bytes()


def test_an_object_that_changes_during_a_read_raises(server, bucket, large):
    storage = storage_for(f"s3://{bucket}", options())
    storage.put(large, KEY)
    with storage.open(KEY) as stream:
        stream.read(1000)
        server.client().put_object(Bucket=bucket, Key=KEY, Body=bytes(large.stat().st_size))
        with pytest.raises(StorageError, match="PreconditionFailed"):
            stream.read()


def test_a_change_during_a_read_raises_without_conditions_too(bucket, tmp_path, large, monkeypatch):
    with seaweedfs.lesser(tmp_path / "nanio") as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        client = boto3.client("s3")
        client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key=KEY, Body=large.read_bytes())
        with storage_for(f"s3://{bucket}").open(KEY) as stream:
            stream.read(1000)
            client.put_object(Bucket=bucket, Key=KEY, Body=bytes(large.stat().st_size))
            with pytest.raises(StorageError, match="has changed while it was read"):
                stream.read()


def test_reading_past_the_end_and_missing_objects(bucket, small):
    storage = storage_for(f"s3://{bucket}", options())
    storage.put(small, KEY)
    with storage.open(KEY, 6) as stream:
        assert stream.read() == b""
    for ask in (storage.open, storage.head):
        with pytest.raises(FileNotFoundError):
            ask("warc/none")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"AWS_ACCESS_KEY_ID": "another"}, "doesn't know the access key"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong-secret-0815"}, "the secret key is wrong"),
        ({"AWS_ENDPOINT_URL": "http://who:pass-0815@[nowhere"}, "AWS_ENDPOINT_URL or another"),
        ({"AWS_PROFILE": "nobody-0815", "AWS_ACCESS_KEY_ID": ""}, "there is no such profile"),
    ],
)
def test_errors_of_a_store_are_distinguished_without_secrets(bucket, monkeypatch, changed, said):
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StorageError, match=said) as error:
        storage_for(f"s3://{bucket}").check()
    assert not isinstance(error.value, StoreUnreachable)
    assert not any(secret in str(error.value) for secret in ("0815", seaweedfs.SECRET))


def test_a_missing_bucket_and_an_unreachable_store_are_distinguished(bucket, monkeypatch):
    with pytest.raises(StorageError, match="there is no such bucket"):
        storage_for("s3://no-such-bucket/x").check()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{seaweedfs.free_ports(1)[0]}")
    with pytest.raises(StoreUnreachable, match="gives no answer"):
        storage_for(f"s3://{bucket}").check()


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_wrong_clock_is_reported(bucket, monkeypatch, hours):
    moved = clock.machine_now() + timedelta(hours=hours)
    monkeypatch.setattr(clock, "machine_now", lambda: moved)
    with pytest.raises(StorageError, match="clock differs from the store's by 60 minutes"):
        storage_for(f"s3://{bucket}").check()
