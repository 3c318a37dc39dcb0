"""The client of an S3 store, and its errors as sentences; nothing of credentials and endpoint is ever logged."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from crawler.archive.storage.base import NoAccess, StorageError, StoreUnreachable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS = 10
READ_SECONDS = 60

NO_CREDENTIALS = "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
NO_BUCKET = "there is no such bucket"
NO_REGION = "the region is not known: set AWS_DEFAULT_REGION"
NO_TOKEN = "the session token is invalid or expired: renew AWS_SESSION_TOKEN"
NO_STORE = "the answer is not from an S3 store"
NO_CERTIFICATES = "AWS_CA_BUNDLE is not a file of certificates"
WRONG_REGION = "the bucket is in another region: set AWS_DEFAULT_REGION"

# Codes of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; an answer to HEAD has only its status.
CHECKSUM_CODES = ("BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch")
# Errors about the whole access.
ACCESS = {
    NO_BUCKET: ("NoSuchBucket",),
    "the store doesn't know the access key (AWS_ACCESS_KEY_ID)": ("InvalidAccessKeyId",),
    "the secret key is wrong (AWS_SECRET_ACCESS_KEY)": ("SignatureDoesNotMatch",),
    "this machine's clock differs from the store's by too much: set it": ("RequestTimeTooSkewed",),
    NO_TOKEN: ("ExpiredToken", "InvalidToken", "TokenRefreshRequired"),
    WRONG_REGION: ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"),
}
# Errors that may concern one object alone.
OBJECT = {
    NO_BUCKET: ("404",),
    "the credentials have no right to do this": ("AccessDenied", "AllAccessDisabled", "403"),
    "the store refuses the request: is AWS_SESSION_TOKEN still valid?": ("400",),
    "the store refused a checksum: the data changed on its way": CHECKSUM_CODES,
    "the store has no such storage class (S3_STORAGE_CLASS)": ("InvalidStorageClass",),
    "the object is in a storage class that must be restored before it can be read": ("InvalidObjectState",),
    "the name of the bucket is invalid": ("InvalidBucketName",),
    "the store takes no objects of this size": ("EntityTooLarge",),
    "the store's quota is used up": ("QuotaExceeded",),
    "the store is full": ("XMinioStorageFull",),
}
ACCESS_CODES = {code for codes in ACCESS.values() for code in codes}
MEANINGS = {code: meaning for kind in (ACCESS, OBJECT) for meaning, codes in kind.items() for code in codes}

# botocore's errors about the settings on this side.
OWN_MEANINGS: dict[type[BotoCoreError], str] = {
    exceptions.NoCredentialsError: NO_CREDENTIALS,
    exceptions.PartialCredentialsError: NO_CREDENTIALS,
    exceptions.CredentialRetrievalError: NO_CREDENTIALS,
    exceptions.ProfileNotFound: "there is no such profile (AWS_PROFILE)",
    exceptions.NoRegionError: NO_REGION,
}

# TLS errors that a retry does not help, by words of their messages.
TLS_MEANINGS = {
    "CERTIFICATE_VERIFY_FAILED": "the certificate of the store is not valid (AWS_CA_BUNDLE)",
    "[Errno 2]": NO_CERTIFICATES,
    "[Errno 13]": NO_CERTIFICATES,
    "[Errno 21]": NO_CERTIFICATES,
    "NO_CERTIFICATE_OR_CRL_FOUND": NO_CERTIFICATES,
    "WRONG_VERSION_NUMBER": "the answer is not TLS: is AWS_ENDPOINT_URL an http:// address, or is its port wrong?",
}

# The answer for a multipart upload that was completed or aborted.
GONE = "NoSuchUpload"

# The store is overloaded or has a fault and will answer later; not so with a missing feature or a full store.
PASSING = {"RequestTimeout", "SlowDown", "Throttling", "TooManyRequests", "ConditionalRequestConflict", "429"}
LASTING_STATUS = {501, 507}
KNOWN_CODES = PASSING | MEANINGS.keys()

# Portals and proxies refuse with these until somebody logs in. Their pages are not XML, as a store's answers are.
PORTAL_STATUS, PROXY_STATUS = {401, 403, 404}, 407
PAGES = ("html", "plain", "json")

# A store's listing has at least one of these, its answer about an object all of these.
LISTED = ("Name", "KeyCount", "IsTruncated")
DESCRIBED = ("ETag", "ContentLength")


def client_for(url: str, connections: int) -> S3Client:
    """Return a new client for the store at a URL. Raises StorageError."""
    # Their debug messages hold signatures and session tokens.
    for name in ("boto3", "botocore", "s3transfer"):
        logging.getLogger(name).setLevel(logging.WARNING)
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard"},
        max_pool_connections=connections,
        # Uploads have our own checksums, if the store supports them.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        with translated(url):
            # A new session: the default one keeps the first credentials that it found.
            client = boto3.session.Session().client("s3", config=config)
    except ValueError as error:
        # Its message may hold credentials.
        raise StorageError(f"{url}: AWS_ENDPOINT_URL or another AWS_… setting is invalid") from error
    if not client.meta.region_name:
        raise StorageError(f"{url}: {NO_REGION}")
    return client


def code_of(error: BaseException | None) -> str:
    """Return a store's error code, "" without one."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def status_of(error: Exception) -> int:
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
        # botocore follows a redirect to another region again and again if it leads to no store.
        raise StoreUnreachable(f"{url}: {NO_STORE}: it only redirects") from None


def check_listing(url: str, answer: Mapping[str, Any]) -> None:
    """Raise StoreUnreachable for an answer without any field of a listing, such as a portal's page."""
    if not answer.keys() & set(LISTED):
        raise StoreUnreachable(f"{url}: {NO_STORE}")


def check_object(url: str, answer: Mapping[str, Any]) -> None:
    """Raise StoreUnreachable for an answer that lacks a field that every object has."""
    if missing := [name for name in DESCRIBED if name not in answer]:
        raise StoreUnreachable(f"{url}: {NO_STORE}: it lacks {missing[0]}")


def _refusal(error: ClientError, url: str) -> StorageError:
    code, status = code_of(error), status_of(error)
    if _is_of_no_store(error):
        return StoreUnreachable(f"{url}: {NO_STORE} ({status})")
    if code in PASSING or (status >= 500 and status not in LASTING_STATUS):
        return StoreUnreachable(f"{url} can't answer now ({code or status})")
    kind = NoAccess if code in ACCESS_CODES else StorageError
    return kind(f"{url}: {MEANINGS.get(code) or f'refused: {code or status}'}")


def _is_of_no_store(error: ClientError) -> bool:
    """Return whether a portal or proxy refused with a page. Some stores label the empty answer to HEAD as one."""
    code, status = code_of(error), status_of(error)
    kind = str(error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", ""))
    is_page = any(page in kind for page in PAGES) and code in ("", str(status)) and error.operation_name != "HeadObject"
    return status == PROXY_STATUS or (is_page and status in PORTAL_STATUS)


def _failure(error: BotoCoreError, url: str) -> StorageError:
    if isinstance(error, exceptions.SSLError):
        for sign, meaning in TLS_MEANINGS.items():
            if sign in str(error):
                return NoAccess(f"{url}: {meaning}")
    if isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError)):
        return StoreUnreachable(f"{url} gives no answer ({type(error).__name__})")
    for kind, meaning in OWN_MEANINGS.items():
        if isinstance(error, kind):
            return NoAccess(f"{url}: {meaning}")
    return StorageError(f"{url} can't be used ({type(error).__name__})")
