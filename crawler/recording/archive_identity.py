"""The identity of an archive: its marker holds an ID, and state remembers the ID and the segments.

An archive that is not mounted leaves an empty folder, where files would disappear under the next mount.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from crawler.archive.names import key_of, name_of, stem_of
from crawler.archive.rows import is_compaction, manifests_of
from crawler.archive.storage import MANIFESTS, is_filled
from crawler.archive.storage.base import MARK, MARK_LINE, Storage, StorageError, failing
from crawler.state.archived import ArchiveFacts
from crawler.system import clock

if TYPE_CHECKING:
    from crawler.state import KnownArchive

ID_LINE = re.compile(rb"^id: (\S+)$", re.MULTILINE)
REBUILD = "correct ARCHIVE_URL or STATE_URL, or run `scrapy state --rebuild` to use this archive"


class WrongArchive(StorageError):
    """ARCHIVE_URL holds no archive, or another one than state knows."""


def check_identity(storage: Storage, known: KnownArchive, is_reading: bool = False) -> str | None:
    """Return the archive's ID, None if it has none yet. Raises WrongArchive, StorageError.

    Readers stop only where segments that state calls archived are missing, writers at any other ID.
    """
    found = id_of(storage)
    if found is None and not is_reading and has(storage, MARK):
        raise _without_id(storage)
    is_there = known.file is None or has(storage, known.file)
    if found and known.id and found != known.id and not (is_reading and is_there):
        raise WrongArchive(
            f"ARCHIVE_URL {storage.url} is another archive (ID {found}) than the one that state knows ({known.id}): "
            f"{REBUILD}"
        )
    if is_there:
        return found
    if not is_filled(storage):
        raise WrongArchive(
            f"ARCHIVE_URL {storage.url} is empty or missing although state knows archived runs: "
            "mount the archive or correct ARCHIVE_URL"
        )
    if found is None or known.id is None:
        raise WrongArchive(
            f"ARCHIVE_URL {storage.url} is another archive: it lacks {known.file}, which state knows as archived; "
            f"{REBUILD}"
        )
    return found


def claim(storage: Storage, facts: ArchiveFacts, outlet: str | None = None) -> None:
    """Check the archive's ID before the first write, and an outlet's segments; give a new archive an ID.

    Raises WrongArchive, StorageError, SQLAlchemyError.
    """
    known = facts.known()
    found = check_identity(storage, known)
    if known.file is None:
        _check_segments(storage, facts, "manifest/", 1)
    if found is None:
        # Processes that share state propose the same ID; of two states, the first gives its own.
        storage.mark(_marker(facts.propose(str(uuid.uuid4()))))
        found = id_of(storage)
        if found is None:
            raise _without_id(storage)
        # A bucket is tried out on the marker.
        storage.check()
    if found != known.id:
        facts.accept(found)
    if outlet is not None:
        check_segments(storage, facts, outlet)


def _without_id(storage: Storage) -> WrongArchive:
    sentence = f"ARCHIVE_URL {storage.url} has a marker without an ID: remove {MARK}, and the next run writes it"
    return WrongArchive(sentence)


def missing_segments(storage: Storage, facts: ArchiveFacts, outlets: Iterable[str]) -> Iterator[str]:
    """Yield the WARC files of segments, of some outlets or of all, that state calls archived and the archive lacks.

    Raises StorageError, SQLAlchemyError.
    """
    for outlet in outlets or facts.outlets():
        # Asked first: a crawl beside may archive another one.
        archived = facts.of(outlet)
        there = {stem_of(key) for key, _ in storage.list(manifests_of(outlet))}
        yield from (file for file in archived if stem_of(file) not in there)


def check_segments(storage: Storage, facts: ArchiveFacts, outlet: str) -> None:
    """Raise WrongArchive if the archive has segments of an outlet that state never recorded.

    Those of this month and the last one are compared: otherwise what they hold would be fetched again. Also raises
    StorageError, SQLAlchemyError.
    """
    month = clock.now().replace(day=1)
    for moment in (month - timedelta(days=1), month):
        _check_segments(storage, facts, manifests_of(outlet, f"{moment:%Y-%m}"))


def _check_segments(storage: Storage, facts: ArchiveFacts, prefix: str, most: int | None = None) -> None:
    stems = (stem_of(key) for key, _ in storage.list(prefix) if name_of(key) and not is_compaction(key))
    if unknown := facts.unknown([key_of("warc", stem) for stem in islice(stems, most)]):
        raise WrongArchive(
            f"ARCHIVE_URL {storage.url} has runs that state never recorded, such as {stem_of(unknown[-1])}: "
            "run `scrapy state --rebuild` to read them, or correct ARCHIVE_URL or STATE_URL"
        )


def accept(storage: Storage, facts: ArchiveFacts) -> None:
    """Remember the ID of the archive from which state was rebuilt. Raises StorageError, SQLAlchemyError."""
    if found := id_of(storage):
        facts.accept(found)


def carry(source: Storage, target: Storage, is_backup: bool = False) -> None:
    """Give a copy the ID of its archive, so that state accepts both. Raises StorageError.

    A marker that has lost its ID is replaced by that of a backup.
    """
    if found := id_of(source):
        target.mark(_marker(found), is_replaced=is_backup and id_of(target) is None)


def have_a_manifest_in_common(one: Storage, other: Storage) -> bool:
    """Return whether two stores are of one archive, whatever their markers say. Raises StorageError."""
    return not {key for key, _ in one.list(MANIFESTS)}.isdisjoint(key for key, _ in other.list(MANIFESTS))


def id_of(storage: Storage) -> str | None:
    """Return the ID in the archive's marker, None without one. Raises StorageError."""
    match = ID_LINE.search(storage.marker())
    return match[1].decode("utf-8", "replace") if match else None


def has(storage: Storage, key: str) -> bool:
    """Return whether a store has a file. Raises StorageError."""
    with failing(f"{key} in {storage.url} can't be read"), suppress(FileNotFoundError):
        storage.head(key)
        return True
    return False


def _marker(archive_id: str) -> bytes:
    return MARK_LINE + b"id: %b\n" % archive_id.encode()
