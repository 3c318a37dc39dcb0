"""The identity of an archive: its marker holds an ID, and state remembers the ID.

An archive that is not mounted leaves an empty folder, where files would disappear under the next mount.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from crawler.archive.storage import is_filled
from crawler.archive.storage.base import MARK_LINE, Storage, StorageError

if TYPE_CHECKING:
    from crawler.state import KnownArchive, State

ID_LINE = re.compile(rb"^id: (\S+)$", re.MULTILINE)


class WrongArchive(StorageError):
    """ARCHIVE_URL holds no archive, or another one than state knows."""


def check_identity(storage: Storage, known: KnownArchive) -> str | None:
    """Return the archive's ID, None if it has none yet. Raises WrongArchive, StorageError."""
    found = id_of(storage)
    if found and known.id and found != known.id:
        raise WrongArchive(
            f"ARCHIVE_URL {storage.url} is another archive (ID {found}) than the one that state knows ({known.id}): "
            "correct ARCHIVE_URL, or run `scrapy state --rebuild` to use this archive"
        )
    if known.file is None or _has(storage, known.file):
        return found
    if not is_filled(storage):
        raise WrongArchive(
            f"ARCHIVE_URL {storage.url} is empty or missing although state knows archived runs: "
            "mount the archive or correct ARCHIVE_URL"
        )
    if found is None or known.id is None:
        raise WrongArchive(
            f"ARCHIVE_URL {storage.url} is another archive: it lacks {known.file}, which state knows as archived; "
            "correct ARCHIVE_URL, or run `scrapy state --rebuild` to use this archive"
        )
    return found


def claim(storage: Storage, state: State) -> None:
    """Check the archive's ID; give a new archive one. Raises WrongArchive, StorageError, SQLAlchemyError."""
    known = state.known_archive()
    found = check_identity(storage, known)
    if found is None:
        # Processes that share state write the same ID.
        storage.mark(_marker(state.remember_archive(str(uuid.uuid4()))))
    elif known.id is None:
        state.remember_archive(found)


def accept(storage: Storage, state: State) -> None:
    """Remember the ID of the archive from which state was rebuilt. Raises StorageError, SQLAlchemyError."""
    if found := id_of(storage):
        state.remember_archive(found)


def carry(source: Storage, target: Storage) -> None:
    """Give a copy the ID of its archive, so that state accepts both. Raises StorageError."""
    found = id_of(source)
    if found and id_of(target) is None:
        target.mark(_marker(found))


def id_of(storage: Storage) -> str | None:
    """Return the ID in the archive's marker, None without one. Raises StorageError."""
    match = ID_LINE.search(storage.marker())
    return match[1].decode("utf-8", "replace") if match else None


def _has(storage: Storage, key: str) -> bool:
    try:
        storage.head(key)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StorageError(f"{key} in {storage.url} can't be read: {error.strerror}") from error
    return True


def _marker(archive_id: str) -> bytes:
    return MARK_LINE + b"id: %b\n" % archive_id.encode()
