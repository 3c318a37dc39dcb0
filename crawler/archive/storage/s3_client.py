"""The connection to a store: boto3 finds credentials and endpoint, and nothing of them is ever logged.

What a store's refusals mean, in one sentence each, without a word of the store's own or an address."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSLError,
)

from crawler.archive.storage.base import NoAccess, StorageError, StoreUnreachable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS = 10
READ_SECONDS = 60


def client_for(url: str, connections: int) -> S3Client:
    """Return a client of its own for the store at a URL. Raises StorageError."""
    # What these log to debug holds signatures and session tokens.
    for name in ("boto3", "botocore", "s3transfer"):
        logging.getLogger(name).setLevel(logging.WARNING)
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard"},
        max_pool_connections=connections,
        # We send checksums of our own, as far as the store knows them.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        with translated(url):
            # A session of its own: the default one keeps the credentials it found first.
            client = boto3.session.Session().client("s3", config=config)
    except ValueError as error:
        # It may hold credentials: it isn't repeated.
        raise StorageError(f"{url}: AWS_ENDPOINT_URL or another AWS_… setting can't be meant") from error
    if not client.meta.region_name:
        raise StorageError(f"{url}: {NO_REGION}")
    return client


NO_CREDENTIALS = "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
NO_BUCKET = "there is no such bucket"
NO_RIGHT = "the credentials have no right to do this"
NO_TOKEN = "the session token is not valid, or no longer: renew AWS_SESSION_TOKEN"
WRONG_CHECKSUM = "the store refused a checksum: what arrived there is not what was sent"
NO_CERTIFICATES = "AWS_CA_BUNDLE is no file of certificates"
NO_STORE = "what answers is no S3 store"
NO_REGION = "which region is not known: set AWS_DEFAULT_REGION"
WRONG_REGION = "the bucket is in another region: set AWS_DEFAULT_REGION"

# Codes of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and, to HEAD, mere numbers.
MEANINGS = {
    "NoSuchBucket": NO_BUCKET,
    "404": NO_BUCKET,
    "InvalidAccessKeyId": "the store doesn't know the access key (AWS_ACCESS_KEY_ID)",
    "SignatureDoesNotMatch": "the secret key is wrong (AWS_SECRET_ACCESS_KEY)",
    "RequestTimeTooSkewed": "this machine's clock differs from the store's by too much: set it",
    "AccessDenied": NO_RIGHT,
    "AllAccessDisabled": NO_RIGHT,
    "403": NO_RIGHT,
    "400": "the store refuses the request: is AWS_SESSION_TOKEN still valid?",
    "ExpiredToken": NO_TOKEN,
    "InvalidToken": NO_TOKEN,
    "TokenRefreshRequired": NO_TOKEN,
    "BadDigest": WRONG_CHECKSUM,
    "InvalidDigest": WRONG_CHECKSUM,
    "XAmzContentChecksumMismatch": WRONG_CHECKSUM,
    "XAmzContentSHA256Mismatch": WRONG_CHECKSUM,
    "PermanentRedirect": WRONG_REGION,
    "AuthorizationHeaderMalformed": WRONG_REGION,
    "IllegalLocationConstraintException": WRONG_REGION,
    "301": WRONG_REGION,
    "InvalidStorageClass": "the store has no such storage class (S3_STORAGE_CLASS)",
    "InvalidObjectState": "the object is in a storage class that must be restored before it can be read",
    "InvalidBucketName": "this is no name of a bucket",
    "EntityTooLarge": "the store takes no objects of this size",
    "QuotaExceeded": "the store's quota is used up",
    "XMinioStorageFull": "the store is full",
}

# What is in TLS errors that don't pass.
TLS_MEANINGS = {
    "CERTIFICATE_VERIFY_FAILED": "the certificate of the store is not valid (AWS_CA_BUNDLE)",
    "[Errno 2]": NO_CERTIFICATES,
    "[Errno 13]": NO_CERTIFICATES,
    "[Errno 21]": NO_CERTIFICATES,
    "NO_CERTIFICATE_OR_CRL_FOUND": NO_CERTIFICATES,
    "WRONG_VERSION_NUMBER": "what answers speaks no TLS: is AWS_ENDPOINT_URL one of http:// or of another port?",
}

# To a multipart upload that was put together or given up.
GONE = "NoSuchUpload"

# These are about who asks, and where; a right may lack, and a storage class be wrong, for one object alone.
OF_NO_OBJECT = {"NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed"}
OF_NO_OBJECT |= {code for code, meaning in MEANINGS.items() if meaning in (NO_TOKEN, WRONG_REGION)}
CHECKSUM_CODES = frozenset(code for code, meaning in MEANINGS.items() if meaning is WRONG_CHECKSUM)

# The store has trouble or too much to do; another time it will answer. Not so when it can't do it or is full.
PASSING = {"RequestTimeout", "SlowDown", "Throttling", "TooManyRequests", "ConditionalRequestConflict", "429"}
LASTING_STATUS = {501, 507}

# What portals and proxies refuse with until somebody logs in.
PORTAL_STATUS, PROXY_STATUS = {401, 403, 404}, 407

# What their pages are; a store's are XML.
PAGES = ("html", "plain", "json")

# A store's listing tells these, or most of them; of an object it tells all of these.
LISTED = ("Name", "KeyCount", "IsTruncated")
TOLD = ("ETag", "ContentLength")


def code_of(error: BaseException | None) -> str:
    """Return a store's error code, empty when it gave none."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def status_of(error: Exception) -> int:
    """Return the HTTP status of a store's refusal, 0 when there was no answer."""
    answer = error.response if isinstance(error, ClientError) else {}
    return int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise StorageError, StoreUnreachable or NoAccess in place of botocore's errors."""
    try:
        yield
    except ClientError as error:
        raise _refusal(error, url) from error
    except BotoCoreError as error:
        raise _failure(error, url) from error
    except RecursionError:
        # botocore follows a redirect to another region, and goes round for ever where none leads to a store.
        raise StoreUnreachable(f"{url}: {NO_STORE}: it only leads elsewhere") from None


def check_store(url: str, answer: Mapping[str, Any], *names: str) -> None:
    """Raise StoreUnreachable for an answer that has none of what every store tells: a portal's page, say."""
    if not answer.keys() & set(names):
        raise StoreUnreachable(f"{url}: {NO_STORE}")


def check_object(url: str, answer: Mapping[str, Any]) -> None:
    """Raise StoreUnreachable for an answer that lacks something of what every store tells of an object."""
    if missing := [name for name in TOLD if name not in answer]:
        raise StoreUnreachable(f"{url}: {NO_STORE}: it tells no {missing[0]} of an object")


def _refusal(error: ClientError, url: str) -> StorageError:
    code, status = code_of(error), status_of(error)
    if _is_of_no_store(error):
        return StoreUnreachable(f"{url}: {NO_STORE} ({status})")
    if code in PASSING or (status >= 500 and status not in LASTING_STATUS):
        return StoreUnreachable(f"{url} can't answer now ({code or status})")
    kind = NoAccess if code in OF_NO_OBJECT else StorageError
    return kind(f"{url}: {MEANINGS.get(code) or f'refused: {code or status}'}")


def _is_of_no_store(error: ClientError) -> bool:
    """Tell whether a portal or a proxy refused, whose store may be away: it sends a page where a store says why.

    To HEAD nobody says why, and what some stores call their empty answer is a page.
    """
    code, status = code_of(error), status_of(error)
    kind = str(error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", ""))
    is_page = any(page in kind for page in PAGES) and code in ("", str(status)) and error.operation_name != "HeadObject"
    return status == PROXY_STATUS or (is_page and status in PORTAL_STATUS)


def _failure(error: BotoCoreError, url: str) -> StorageError:
    if isinstance(error, SSLError):
        for sign, meaning in TLS_MEANINGS.items():
            if sign in str(error):
                return NoAccess(f"{url}: {meaning}")
    if isinstance(error, (ConnectionError, HTTPClientError, IncompleteReadError)):
        return StoreUnreachable(f"{url} gives no answer ({type(error).__name__})")
    if isinstance(error, (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)):
        return NoAccess(f"{url}: {NO_CREDENTIALS}")
    if isinstance(error, ProfileNotFound):
        return NoAccess(f"{url}: there is no such profile (AWS_PROFILE)")
    if isinstance(error, NoRegionError):
        return NoAccess(f"{url}: {NO_REGION}")
    return StorageError(f"{url} can't be used ({type(error).__name__})")
