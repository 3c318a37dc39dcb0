"""The archive that is read, which must be there: only a crawl makes one.

Where finished files go: one small interface, a directory or S3 behind it, chosen by URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.archive.names import KINDS
from crawler.archive.storage.base import Storage, StorageError
from crawler.archive.storage.directory import DirectoryStorage

if TYPE_CHECKING:
    from crawler.archive.storage.s3_options import Options


def archive_to_read(url: str) -> Storage:
    """Return the store at a URL. Raises StorageError."""
    if "://" not in url:
        try:
            os.scandir(url).close()
        except OSError as error:
            raise StorageError(f"{url}: {error.strerror}") from error
    return storage_for(url)


def filled_archive(url: str) -> Storage:
    """Return the store at a URL, which holds an archive: a mistyped prefix of a bucket is an empty one.

    Raises StorageError.
    """
    storage = archive_to_read(url)
    if not is_filled(storage):
        raise StorageError(f"there is no archive in {url}")
    return storage


def is_filled(storage: Storage) -> bool:
    """Return whether there is any file of an archive. Raises StorageError."""
    return any(next(storage.list(f"{kind}/"), None) for kind in KINDS)


def storage_for(url: str, options: Options | None = None) -> Storage:
    """Return the store at a URL: a directory's path or `s3://bucket/prefix`. Raises StorageError.

    `options` say how files are sent to a bucket; what only reads needs none.
    """
    # With a slash too few it would be a directory of this machine.
    if "://" not in url and not url.startswith("s3:"):
        return DirectoryStorage(Path(url))
    if url.startswith("s3://"):
        from crawler.archive.storage.s3_store import S3Storage  # boto3 takes half a second to import

        return S3Storage(url, options)
    raise StorageError(f"ARCHIVE_URL {url.partition(':')[0]}:…: a directory or s3://bucket/prefix is needed")
