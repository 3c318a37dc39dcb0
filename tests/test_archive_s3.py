"""S3 without a store: meanings of errors, portals and proxies; tests/interop has the rest."""

import hashlib
import socket
import ssl
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, SSLError
from origin import CLOSE, READ, Origin, answer
from scrapy.settings import Settings

from crawler.archive.storage import s3_store as s3
from crawler.archive.storage import storage_for
from crawler.archive.storage.base import LEAST_PART, NoAccess, Options, StorageError, StoreUnreachable
from crawler.archive.storage.s3_client import translated
from crawler.crawl.setting_checks import check_settings
from crawler.model.exit_codes import Refused
from crawler.system import clock
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
def test_refusals_of_all_access_differ_from_those_of_one_object(error, is_of_none):
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


def test_mistakes_on_this_side_are_not_unreachable_stores():
    assert "there are no credentials" in str(told(NoCredentialsError()))
    for said, meant in (
        ("CERTIFICATE_VERIFY_FAILED", "the certificate of the store is not valid"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "is not TLS"),
        ("[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate", "AWS_CA_BUNDLE is not a file of certificates"),
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
def test_a_portal_is_not_a_store(keys, listing):
    with Origin({"/bucket": [*listing, CLOSE], "/bucket/kept/.khobor": [*HTML, CLOSE]}) as portal:
        keys.setenv("AWS_ENDPOINT_URL", portal.base)
        with pytest.raises(StoreUnreachable, match="the answer is not from an S3 store"):
            storage_for("s3://bucket/kept").check()


READINGS = [
    lambda store: list(store.list()),
    lambda store: store.head("runs/one.json"),
    lambda store: store.open("runs/one.json"),
]


def test_a_portals_page_is_neither_object_nor_empty_archive(keys):
    page = [*HTML, CLOSE]
    with Origin({"/bucket": page, "/bucket/kept/runs/one.json": page}) as portal:
        keys.setenv("AWS_ENDPOINT_URL", portal.base)
        store = storage_for("s3://bucket/kept")
        for read in READINGS:
            with pytest.raises(StoreUnreachable, match="the answer is not from an S3 store"):
                read(store)


def test_an_answer_without_length_is_not_an_object(keys):
    endless = [b'HTTP/1.1 200 OK\r\nETag: "1"\r\nConnection: close\r\n\r\nwords', CLOSE]
    with Origin({"/bucket/kept/runs/one.json": endless}) as proxy:
        keys.setenv("AWS_ENDPOINT_URL", proxy.base)
        store = storage_for("s3://bucket/kept")
        for read in (*READINGS[1:], lambda store: store.put(Path(__file__), "runs/one.json")):
            with pytest.raises(StoreUnreachable, match="the answer is not from an S3 store: it lacks ContentLength"):
                read(store)


def test_an_answer_with_another_range_is_refused(keys):
    ranges = (b"", b"\r\nContent-Range: bytes 0-4/9", b"\r\nContent-Range: bytes 3-7/*")
    told = (b"200 OK", *(b"206 Part" + one for one in ranges))
    head = b'HTTP/1.1 %b\r\nETag: "1"\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwords'
    with Origin({"/bucket/kept/runs/one.json": tuple([head % one, CLOSE] for one in told)}) as proxy:
        keys.setenv("AWS_ENDPOINT_URL", proxy.base)
        store = storage_for("s3://bucket/kept")
        for _ in told:
            with pytest.raises(StoreUnreachable, match="the answer is not from an S3 store: it has another range"):
                store.open("runs/one.json", 3)
        assert len(proxy.log) == len(told)


def test_a_store_without_ranges_gives_an_object_from_its_start(keys):
    with Origin({"/bucket/kept/runs/one.json": answer(b"words", b'ETag: "1"')}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        with storage_for("s3://bucket/kept").open("runs/one.json") as stream:
            assert stream.read() == b"words"


def test_an_object_that_shrinks_while_read_raises(keys):
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


STATUSES = [b"401 Unauthorized", b"403 Forbidden", b"404 Not Found", b"407 Log in"]


@pytest.mark.parametrize(("kind", "body"), PAGES)
def test_a_portal_that_refuses_with_a_page_is_unreachable(keys, kind, body):
    fields = (b"Content-Type: " + kind, b"Connection: close")
    pages = tuple([*answer(body, *fields, status=status), CLOSE] for status in STATUSES)
    with Origin({"/bucket": pages * 2, "/bucket/kept/runs/one.json": pages}) as portal:
        keys.setenv("AWS_ENDPOINT_URL", portal.base)
        store = storage_for("s3://bucket/kept")
        for read in (*READINGS[::2], lambda store: store.check()):
            for _ in STATUSES:
                with pytest.raises(StoreUnreachable, match="the answer is not from an S3 store"):
                    read(store)
        assert len(portal.log) == 3 * len(STATUSES)


def test_an_answer_to_head_labelled_as_a_page_counts(keys):
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
        ({"AWS_DEFAULT_REGION": ""}, "the region is not known: set AWS_DEFAULT_REGION"),
        ({"AWS_MAX_ATTEMPTS": "x"}, "AWS_ENDPOINT_URL or another AWS_… setting is invalid"),
        ({"AWS_CA_BUNDLE": "/nowhere.pem"}, "AWS_CA_BUNDLE is not a file of certificates"),
    ],
)
def test_an_invalid_setting_of_boto3_is_named(keys, changed, said):
    with Origin({}, tls=True) as store:
        for name, value in ({"AWS_ENDPOINT_URL": store.base} | changed).items():
            keys.setenv(name, value)
        with pytest.raises(StorageError, match=said) as raised:
            storage_for("s3://bucket/kept").check()
        assert not isinstance(raised.value, StoreUnreachable)


def test_one_field_is_enough_for_a_listing(keys):
    entry = b"<Contents><Key>kept/runs/one.json</Key><Size>7</Size></Contents>"
    fields = (b"<Name/>", b"<KeyCount>1</KeyCount>", b"<IsTruncated>false</IsTruncated>")
    bodies = (b"<ListBucketResult>" + field + entry + b"</ListBucketResult>" for field in fields)
    with Origin({"/bucket": tuple([*answer(body, b"Connection: close"), CLOSE] for body in bodies)}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        storage = storage_for("s3://bucket/kept")
        assert [list(storage.list()) for _ in fields] == [[("runs/one.json", 7)]] * len(fields)
        assert len(store.log) == len(fields)


def test_a_listing_cut_off_by_the_store_raises(keys):
    """Of one that takes no continuation tokens, as older ones of Ceph."""
    body = LISTING_BODY.replace(b"</L", b"<IsTruncated>true</IsTruncated></L")
    with Origin({"/bucket": answer(body)}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        with pytest.raises(StorageError, match="cuts a listing off"):
            list(storage_for("s3://bucket/kept").list())


def test_a_silent_store_is_unreachable_after_a_while(keys):
    keys.setattr(s3, "CHECK_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        keys.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StoreUnreachable, match="gives no answer within"):
            storage_for("s3://bucket/kept").check()


def test_checksums_and_condition_are_headers_also_over_tls(keys, tmp_path):
    """A store that knows no trailers may write them into the object."""
    begun = answer(b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")
    part = [b"HTTP/1.1 100 Continue\r\n\r\n", READ, *answer(b"", b'ETag: "1"')]
    completed = answer(b"<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>")
    large = tmp_path / "large"
    large.write_bytes(bytes(LEAST_PART + 1))
    digest = hashlib.sha256(large.read_bytes()).hexdigest().encode()
    fields = b'ETag: "1"\r\nx-amz-meta-sha256: %b\r\nContent-Length: %d' % (digest, LEAST_PART + 1)
    stored = [b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % fields]
    absent = answer(b"", status=b"404 Not Found")
    with Origin({"/bucket/key": (absent, begun, part, part, completed, stored)}, tls=True) as store:
        trusted = tmp_path / "trusted.pem"
        trusted.write_text(ssl.get_server_certificate((store.host, store.port)))
        keys.setenv("AWS_CA_BUNDLE", str(trusted))
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        storage_for("s3://bucket", Options(part_size=LEAST_PART)).put(large, "key")
        heads = [one.received.partition(b"\r\n\r\n")[0].lower() for one in store.log]
    assert all(b"x-amz-checksum-crc64nvme:" in head for head in heads[2:5])
    assert not any(b"trailer" in head for head in heads)
    assert b"if-none-match: *" in heads[4]


PUT = [b"HTTP/1.1 100 Continue\r\n\r\n", READ, *answer(b"", b'ETag: "1"')]
LOCKED = (
    b"<Error><Code>AccessDenied</Code><Message>Access Denied because object protected by object lock.</Message></Error>"
)
REFUSED = [b"HTTP/1.1 100 Continue\r\n\r\n", READ, *answer(LOCKED, b"Content-Type: application/xml", status=b"403 No")]


def test_only_a_replacement_is_sent_without_the_condition(keys, tmp_path):
    local = tmp_path / "one"
    local.write_bytes(b"words")
    digest = hashlib.sha256(b"words").hexdigest()
    stored = [b'HTTP/1.1 200 OK\r\nETag: "1"\r\nx-amz-meta-sha256: %b\r\nContent-Length: 5\r\n\r\n' % digest.encode()]
    absent = answer(b"", status=b"404 Not Found")
    with Origin({"/bucket/one": PUT, "/bucket/two": (absent, PUT, stored)}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        storage = storage_for("s3://bucket")
        storage.replace(local, "one", digest)
        storage.put(local, "two")
        sent = [one.received.lower() for one in store.log if one.received.startswith(b"PUT")]
        with pytest.raises(StorageError, match="has changed on the disk"):
            storage.replace(local, "one", "0" * 64)
    assert [b"if-none-match: *" in one for one in sent] == [False, True]
    assert all(b"x-amz-checksum-crc64nvme:" in one for one in sent)


def test_a_locked_object_is_not_replaced(keys, tmp_path):
    local = tmp_path / "one"
    local.write_bytes(b"words")
    with Origin({"/bucket/one": REFUSED}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        with pytest.raises(StorageError, match="the credentials have no right to do this") as raised:
            storage_for("s3://bucket").replace(local, "one", hashlib.sha256(b"words").hexdigest())
    assert not isinstance(raised.value, NoAccess)


def test_a_date_without_a_zone_is_in_utc(keys):
    date = f"Date: {clock.machine_now():%a, %d %b %Y %H:%M:%S} -0000".encode()
    with Origin({"/bucket": [*answer(LISTING_BODY, date, b"Connection: close"), CLOSE]}) as store:
        keys.setenv("AWS_ENDPOINT_URL", store.base)
        with pytest.raises(StorageError, match="the answer is not from an S3 store"):  # its clock is right
            storage_for("s3://bucket/kept").check()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"S3_OBJECT_LOCK": "FOREVER", "S3_OBJECT_LOCK_DAYS": 3}, "GOVERNANCE or COMPLIANCE"),
        ({"S3_OBJECT_LOCK": "COMPLIANCE"}, "S3_OBJECT_LOCK_DAYS"),
    ],
)
def test_an_invalid_lock_setting_is_refused(changed, said):
    settings = Settings()
    settings.setmodule(base)
    settings.update(changed, priority="cmdline")
    with pytest.raises(Refused, match=said):
        check_settings(settings)
