"""The archive that is read, which must be there: only a crawl makes one."""

from __future__ import annotations

import os

from crawler.archive_identity import is_filled
from crawler.storage import Storage, StorageError, storage_for


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
