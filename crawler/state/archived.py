"""What state knows of the archive: its ID, and the segments that were verified in it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine, select, update

from crawler.archive.names import outlet_of
from crawler.state.facts import KnownArchive
from crawler.state.tables import archived_segments, insert_into, remembered, segments

ARCHIVE = "archive"
BATCH = 500


def add_archived(connection: Connection, file: str, after: Iterable[str]) -> None:
    """Add an archived segment by its WARC file; its manifest names those of `after`."""
    insert = insert_into(archived_segments, connection.dialect).on_conflict_do_nothing()
    connection.execute(insert.values(file=file, outlet=outlet_of(file), is_named=False))
    for named in sorted(after):
        connection.execute(update(archived_segments).where(archived_segments.c.file == named).values(is_named=True))


class ArchiveFacts:
    """What state knows of the archive; segments are named by their WARC files. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self) -> KnownArchive:
        """Return the archive's ID and the WARC file of a segment in it, as far as state knows them."""
        known_id = select(remembered.c.value).where(remembered.c.name == ARCHIVE)
        file = select(archived_segments.c.file).order_by(archived_segments.c.file).limit(1)
        with self._engine.connect() as connection:
            return KnownArchive(connection.scalar(known_id), connection.scalar(file))

    def propose(self, archive_id: str) -> str:
        """Remember an ID unless state knows one; return the known one."""
        with self._engine.begin() as connection:
            insert = insert_into(remembered, connection.dialect).on_conflict_do_nothing()
            connection.execute(insert.values(name=ARCHIVE, value=archive_id))
        return self.known().id or archive_id

    def accept(self, archive_id: str) -> None:
        """Remember an ID instead of another one."""
        insert = insert_into(remembered, self._engine.dialect).values(name=ARCHIVE, value=archive_id)
        with self._engine.begin() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": archive_id}))

    def chain_ends(self, outlet: str) -> list[str]:
        """Return the archived segments of an outlet that no other archived one names in its manifest, oldest first."""
        table = archived_segments.c
        query = select(table.file).where(table.outlet == outlet, table.is_named.is_(False)).order_by(table.file)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def outlets(self) -> list[str]:
        """Return the outlets with archived segments, in order."""
        with self._engine.connect() as connection:
            query = select(archived_segments.c.outlet).distinct().order_by(archived_segments.c.outlet)
            return list(connection.execute(query).scalars())

    def of(self, outlet: str) -> list[str]:
        """Return the archived segments of an outlet, oldest first."""
        query = select(archived_segments.c.file).where(archived_segments.c.outlet == outlet)
        with self._engine.connect() as connection:
            return list(connection.execute(query.order_by(archived_segments.c.file)).scalars())

    def unknown(self, files: Sequence[str]) -> list[str]:
        """Return those of some segments that state never recorded."""
        known: set[str] = set()
        with self._engine.connect() as connection:
            for start in range(0, len(files), BATCH):
                batch = files[start : start + BATCH]
                # In the order in which a segment moves from one to the other.
                for column in (segments.c.file, archived_segments.c.file):
                    known.update(connection.execute(select(column).where(column.in_(batch))).scalars())
        return [file for file in files if file not in known]
