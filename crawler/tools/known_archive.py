"""Is this the archive that state knows, and is all of it there? Commands ask before they read or change it."""

from collections.abc import Iterable
from contextlib import closing

from crawler.archive.names import key_of, stem_of
from crawler.archive.storage.base import Storage
from crawler.recording.archive_identity import check_identity, check_segments, missing_segments
from crawler.tools.report.state_facts import StateFacts, is_there


def check_archive(storage: Storage, state_url: str) -> None:
    """Raise WrongArchive if an archive is not the one that state knows; without state any archive will do.

    Raises StorageError, SQLAlchemyError, ImportError.
    """
    if not is_there(state_url):
        return
    with closing(StateFacts(state_url)) as facts:
        check_identity(storage, facts.archive.known())


def missing_manifests(storage: Storage, state_url: str, outlets: Iterable[str]) -> list[str]:
    """Return the manifests that an archive lacks although state calls their segments archived.

    Those of some outlets are looked for, or all. Raises WrongArchive for another archive, and as `check_archive` does.
    """
    if not is_there(state_url):
        return []
    with closing(StateFacts(state_url)) as facts:
        check_identity(storage, facts.archive.known(), is_reading=True)
        missing = missing_segments(storage, facts.archive, outlets)
        return [key_of("manifest", stem_of(file)) for file in missing]


def check_recorded(storage: Storage, state_url: str, outlets: Iterable[str]) -> None:
    """Raise WrongArchive if an archive has segments of these outlets that state never recorded.

    Without state no segment is recorded. Raises as `check_archive` does.
    """
    with closing(StateFacts(state_url)) as facts:
        for outlet in outlets:
            check_segments(storage, facts.archive, outlet)
