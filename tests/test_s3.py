"""What needs no S3 server: sizes of parts, what refusals mean, notes, pace. The rest is tried against real ones."""

import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, SSLError
from origin import CLOSE, Origin, answer
from scrapy.settings import Settings

from crawler.archive.storage import s3_store as s3
from crawler.archive.storage.base import NoAccess, StorageError, StoreUnreachable
from crawler.archive.storage.opening import storage_for
from crawler.archive.storage.s3_client import translated
from crawler.archive.storage.s3_options import LEAST_PART, MOST_PARTS, Options
from crawler.archive.storage.s3_upload import SendingPace, StoreNotes, begin_sending
from crawler.crawl.settings import check_settings
from crawler.model.exit_codes import Refused
from settings import base


def refusal(code, status):
    error = {"Code": code, "Message": "AKIDEXAMPLE is not known"}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


def told(error):
    with pytest.raises(StorageError) as raised, translated("s3://bucket/kept"):
        raise error
    assert "AKIDEXAMPLE" not in str(raised.value)
    assert "\n" not in str(raised.value)
    return raised.value


def test_no_file_has_more_parts_than_a_store_takes():
    for size in (1, 8 << 20, 83_886_080_000, 83_886_080_001, 5 << 40):
        part_size = Options().part_size_of(size)
        assert part_size >= LEAST_PART
        assert -(-size // part_size) <= MOST_PARTS


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("InvalidAccessKeyId", 403, "doesn't know the access key"),
        ("SignatureDoesNotMatch", 403, "the secret key is wrong"),
        ("AccessDenied", 403, "no right"),
        ("RequestTimeTooSkewed", 403, "clock"),
        ("ExpiredToken", 400, "renew AWS_SESSION_TOKEN"),
        ("400", 400, "is AWS_SESSION_TOKEN still valid?"),
        ("403", 403, "no right"),
        ("404", 404, "there is no such bucket"),
        ("", 403, "refused: 403"),
        ("NoSuchBucket", 404, "there is no such bucket"),
        ("PermanentRedirect", 301, "another region"),
        ("BadDigest", 400, "refused a checksum"),
        ("InvalidStorageClass", 400, "S3_STORAGE_CLASS"),
        ("NotImplemented", 501, "refused: NotImplemented"),
        ("InsufficientStorage", 507, "refused: InsufficientStorage"),
    ],
)
def test_each_refusal_has_a_line_of_its_own_and_lasts(code, status, said):
    error = told(refusal(code, status))
    assert said in str(error)
    assert not isinstance(error, StoreUnreachable)


@pytest.mark.parametrize(
    ("error", "is_of_none"),
    [
        (refusal("ExpiredToken", 400), True),
        (refusal("RequestTimeTooSkewed", 403), True),
        (refusal("InvalidAccessKeyId", 403), True),
        (refusal("SignatureDoesNotMatch", 403), True),
        (refusal("NoSuchBucket", 404), True),
        (refusal("PermanentRedirect", 301), True),
        (NoCredentialsError(), True),
        (refusal("AccessDenied", 403), False),
        (refusal("403", 403), False),
        (refusal("404", 404), False),
        (refusal("InvalidObjectState", 403), False),
        (refusal("NoSuchKey", 404), False),
    ],
)
def test_what_is_about_who_asks_is_told_apart_from_what_may_be_about_one_object(error, is_of_none):
    assert isinstance(told(error), NoAccess) == is_of_none


@pytest.mark.parametrize(
    "error",
    [
        refusal("InternalError", 500),
        refusal("ServiceUnavailable", 503),
        refusal("SlowDown", 503),
        refusal("TooManyRequests", 429),
        EndpointConnectionError(endpoint_url="http://who:AKIDEXAMPLE@host"),
        SSLError(endpoint_url="https://host", error="EOF occurred"),
    ],
)
def test_a_store_that_has_trouble_is_only_unreachable(error):
    assert isinstance(told(error), StoreUnreachable)


def test_what_is_wrong_on_our_side_is_not_waited_for():
    assert "there are no credentials" in str(told(NoCredentialsError()))
    for said, meant in (
        ("CERTIFICATE_VERIFY_FAILED", "the certificate of the store is not valid"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "speaks no TLS"),
        ("[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate", "AWS_CA_BUNDLE is no file of certificates"),
    ):
        wrong = told(SSLError(endpoint_url="https://host", error=said))
        assert meant in str(wrong)
        assert not isinstance(wrong, StoreUnreachable)


HTML = answer(b"<html>Log in to the hotel's network</html>", b"Content-Type: text/html", b"Connection: close")
LISTING_BODY = b"<ListBucketResult><Name>bucket</Name></ListBucketResult>"
LISTING = answer(LISTING_BODY, b"Connection: close")
ELSEWHERE = [b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"]


@pytest.fixture
def keys(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "something")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return monkeypatch


@pytest.mark.parametrize("listing", [HTML, ELSEWHERE, LISTING])
def test_a_portal_that_answers_in_the_place_of_a_store_is_no_store_and_nothing_is_noted_of_it(keys, tmp_path, listing):
    with Origin({"/bucket": [*listing, CLOSE], "/bucket/kept/.khobor": [*HTML, CLOSE]}) as portal:
        keys.setenv("AWS_ENDPOINT_URL", portal.base)
        with pytest.raises(StoreUnreachable, match="what answers is no S3 store"):
            storage_for("s3://bucket/kept", Options(tmp_path / "uploads")).check()
    assert not (tmp_path / "uploads").exists()


READINGS = [
    lambda store: list(store.list()),
    lambda store: store.head("runs/one.json"),
    lambda store: store.open("runs/one.json"),
]


@pytest.mark.parametrize("read", READINGS)
def test_a_portals_page_is_no_object_and_no_empty_archive(keys, read):
    page = [*HTML, CLOSE]
    with Origin({"/bucket": page, "/bucket/kept/runs/one.json": page}) as portal:
        keys.setenv("AWS_ENDPOINT_URL", portal.base)
        with pytest.raises(StoreUnreachable, match="what answers is no S3 store"):
            read(storage_for("s3://bucket/kept"))


@pytest.mark.parametrize("read", [*READINGS[1:], lambda store: store.put(Path(__file__), "runs/one.json")])
def test_neither_is_what_has_no_length(keys, read):
    endless = [b'HTTP/1.1 200 OK\r\nETag: "1"\r\nConnection: close\r\n\r\nwords', CLOSE]
    with Origin({"/bucket/kept/runs/one.json": endless}) as proxy:
        keys.setenv("AWS_ENDPOINT_URL", proxy.base)
        with pytest.raises(StoreUnreachable, match="what answers is no S3 store: it tells no ContentLength"):
            read(storage_for("s3://bucket/kept"))


@pytest.mark.parametrize(
    "told",
    [b"200 OK", b"206 Part", b"206 Part\r\nContent-Range: bytes 0-4/9", b"206 Part\r\nContent-Range: bytes 3-7/*"],
)
def test_another_range_than_was_asked_for_is_none_of_the_object(keys, told):
    steps = [b'HTTP/1.1 %b\r\nETag: "1"\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwords' % told, CLOSE]
    with Origin({"/bucket/kept/runs/one.json": steps}) as proxy:
        keys.setenv("AWS_ENDPOINT_URL", proxy.base)
        with pytest.raises(StoreUnreachable, match="what answers is no S3 store: it gives another range"):
            storage_for("s3://bucket/kept").open("runs/one.json", 3)


def test_a_store_without_ranges_gives_an_object_from_its_start(keys):
    with Origin({"/bucket/kept/runs/one.json": answer(b"words", b'ETag: "1"')}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        with storage_for("s3://bucket/kept").open("runs/one.json") as stream:
            assert stream.read() == b"words"


def test_an_object_that_has_become_shorter_while_it_is_read_does_not_end_there(keys):
    part = b'HTTP/1.1 206 Partial Content\r\nETag: "1"\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 5\r\n\r\nwords'
    shorter = b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n"
    with Origin({"/bucket/kept/runs/one.json": ([part], [shorter])}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        with storage_for("s3://bucket/kept").open("runs/one.json") as stream, pytest.raises(StorageError):
            stream.read()


PAGES = [
    (b"text/html", b"<html>Log in to the hotel's network</html>"),
    (b"text/html", b"<!DOCTYPE html><meta charset=utf-8><br>Log in to the hotel's network"),
    (b"text/plain; charset=utf-8", b"404 page not found\n"),
    (b"application/json", b'{"message": "no Route matched with those values"}'),
]


@pytest.mark.parametrize("read", [*READINGS[::2], lambda store: store.check()])
@pytest.mark.parametrize("status", [b"401 Unauthorized", b"403 Forbidden", b"404 Not Found", b"407 Log in"])
@pytest.mark.parametrize(("kind", "body"), PAGES)
def test_a_portal_that_refuses_with_a_page_is_no_store_and_tells_of_no_object(keys, read, status, kind, body):
    page = [*answer(body, b"Content-Type: " + kind, b"Connection: close", status=status), CLOSE]
    with Origin({"/bucket": page, "/bucket/kept/runs/one.json": page}) as portal:
        keys.setenv("AWS_ENDPOINT_URL", portal.base)
        with pytest.raises(StoreUnreachable, match="what answers is no S3 store"):
            read(storage_for("s3://bucket/kept"))


def test_a_store_that_calls_its_empty_answer_to_head_a_page_is_believed(keys):
    for status, outcome in ((b"404 Not Found", FileNotFoundError), (b"403 Forbidden", StorageError)):
        absent = [b"HTTP/1.1 %b\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" % status, CLOSE]
        with Origin({"/bucket/kept/runs/one.json": absent}) as store:
            keys.setenv("AWS_ENDPOINT_URL", store.base)
            with pytest.raises(outcome) as raised:
                storage_for("s3://bucket/kept").head("runs/one.json")
            assert not isinstance(raised.value, StoreUnreachable)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"AWS_DEFAULT_REGION": ""}, "which region is not known: set AWS_DEFAULT_REGION"),
        ({"AWS_MAX_ATTEMPTS": "x"}, "AWS_ENDPOINT_URL or another AWS_… setting can't be meant"),
        ({"AWS_CA_BUNDLE": "/nowhere.pem"}, "AWS_CA_BUNDLE is no file of certificates"),
    ],
)
def test_a_setting_of_boto3_that_cannot_be_meant_is_told_of(keys, changed, said):
    with Origin({}, tls=True) as store:
        for name, value in ({"AWS_ENDPOINT_URL": store.base} | changed).items():
            keys.setenv(name, value)
        with pytest.raises(StorageError, match=said) as raised:
            storage_for("s3://bucket/kept").check()
        assert not isinstance(raised.value, StoreUnreachable)


@pytest.mark.parametrize("told", [b"<Name/>", b"<KeyCount>1</KeyCount>", b"<IsTruncated>false</IsTruncated>"])
def test_a_store_may_tell_little_of_its_listing(keys, told):
    entry = b"<Contents><Key>kept/runs/one.json</Key><Size>7</Size></Contents>"
    body = b"<ListBucketResult>" + told + entry + b"</ListBucketResult>"
    with Origin({"/bucket": [*answer(body, b"Connection: close"), CLOSE]}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        assert list(storage_for("s3://bucket/kept").list()) == [("runs/one.json", 7)]


def test_a_listing_that_a_store_breaks_off_is_not_taken_for_all_that_is_there(keys):
    """Of one that takes no continuation tokens, as older ones of Ceph."""
    body = LISTING_BODY.replace(b"</L", b"<IsTruncated>true</IsTruncated></L")
    with Origin({"/bucket": answer(body)}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        with pytest.raises(StorageError, match="breaks a listing off"):
            list(storage_for("s3://bucket/kept").list())


def test_a_store_that_takes_connections_and_stays_silent_is_unreachable_after_a_while(keys, tmp_path):
    keys.setattr(s3, "CHECK_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        keys.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StoreUnreachable, match="gives no answer within"):
            storage_for("s3://bucket/kept", Options(tmp_path / "uploads")).check()


def test_a_store_whose_zone_is_not_known_has_the_time_of_utc(keys):
    date = f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S} -0000".encode()
    with Origin({"/bucket": [*answer(LISTING_BODY, date, b"Connection: close"), CLOSE]}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        with pytest.raises(StorageError, match="what answers is no S3 store"):  # to what is put: its clock is right
            storage_for("s3://bucket/kept").check()


def test_notes_outlive_their_process_and_a_torn_one_is_none(tmp_path):
    StoreNotes(tmp_path / "uploads").write({"upload": "1"}, "upload", "bucket", "key")
    notes = StoreNotes(tmp_path / "uploads")
    assert notes.read("upload", "bucket", "key") == {"upload": "1"}
    assert notes.read("upload", "bucket", "other") == {}
    next((tmp_path / "uploads").iterdir()).write_text('{"upl')
    assert notes.read("upload", "bucket", "key") == {}
    notes.remove("upload", "bucket", "key")
    assert not list((tmp_path / "uploads").iterdir())


def test_a_body_is_signed_at_once_and_sent_slowly():
    class Request:
        body = SendingPace(1e6).body(bytes(1_000_000))

    began = time.monotonic()
    Request.body.read()
    assert time.monotonic() - began < 0.5
    Request.body.seek(0)
    begin_sending(Request)
    while Request.body.read(16384):
        pass
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"S3_OBJECT_LOCK": "FOREVER", "S3_OBJECT_LOCK_DAYS": 3}, "GOVERNANCE or COMPLIANCE"),
        ({"S3_OBJECT_LOCK": "COMPLIANCE"}, "S3_OBJECT_LOCK_DAYS"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(changed, said):
    settings = Settings()
    settings.setmodule(base)
    settings.update(changed, priority="cmdline")
    with pytest.raises(Refused, match=said):
        check_settings(settings)
