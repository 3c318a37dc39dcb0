"""The archive's store, a directory or an S3 bucket, chosen by its URL."""

import os
from collections.abc import Iterator
from pathlib import Path

from crawler.archive.names import KINDS
from crawler.archive.storage.base import Options, Storage, StorageError, failing
from crawler.archive.storage.directory import DirectoryStorage

MANIFESTS = "manifest/"


def archive_to_read(url: str) -> Storage:
    """Return the store at a URL; a directory must exist. Raises StorageError."""
    storage = storage_for(url)
    if "://" not in url:
        with failing(url):
            os.scandir(url).close()
    return storage


def filled_archive(url: str) -> Storage:
    """Return the store at a URL, which must hold files: a mistyped prefix of a bucket is empty. Raises StorageError."""
    storage = archive_to_read(url)
    if not is_filled(storage):
        raise StorageError(f"there is no archive in {url}")
    return storage


def is_filled(storage: Storage) -> bool:
    """Return whether there is any file of an archive. Raises StorageError."""
    return any(next(storage.list(f"{kind}/"), None) for kind in KINDS)


def manifests_first(storage: Storage) -> Iterator[tuple[str, int]]:
    """Yield key and bytes of all files; those that a manifest names were there before it. Raises StorageError."""
    yield from storage.list(MANIFESTS)
    for key, size in storage.list():
        if key and not key.startswith(MANIFESTS):  # S3 may have an object for the folder itself
            yield key, size


def storage_for(url: str, options: Options | None = None) -> Storage:
    """Return the store at a URL: a path or `s3://bucket/prefix`. Readers need no options. Raises StorageError."""
    # Without the check of "s3:", `s3:/bucket` would be a directory of this machine.
    if "://" not in url and not url.startswith("s3:"):
        return DirectoryStorage(Path(url))
    if url.startswith("s3://"):
        from crawler.archive.storage.s3_store import S3Storage  # boto3 takes half a second to import

        return S3Storage(url, options)
    raise StorageError(f"ARCHIVE_URL {url.partition(':')[0]}:…: it must be a directory or s3://bucket/prefix")


def is_within(one: str, other: str) -> bool:
    """Return whether the place at a URL is within another one, or is the same."""
    if "://" in one or "://" in other:
        return f"{one.rstrip('/')}/".startswith(f"{other.rstrip('/')}/")
    return Path(os.path.realpath(one)).is_relative_to(os.path.realpath(other))
