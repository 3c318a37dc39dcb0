"""The withdrawn articles of outlets: the site answered that they are gone, and has not answered 200 since."""

from collections.abc import Collection, Iterable

from sqlalchemy import Engine, delete, insert, select, tuple_

from crawler.archive.withdrawals import Withdrawal
from crawler.model.listing import GIVEN
from crawler.state.tables import insert_into, withdrawn

KEYS = 500
COLUMNS = [withdrawn.c[name] for name in Withdrawal._fields]


class WithdrawnArticles:
    """Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keys(self, outlet: str) -> set[tuple[str, str]]:
        """Return the withdrawn articles as outlet and key; for addresses given by hand, those of all outlets."""
        query = select(withdrawn.c.outlet, withdrawn.c.key)
        query = query.where(withdrawn.c.outlet == outlet) if outlet != GIVEN else query
        with self._engine.connect() as connection:
            return {(row.outlet, row.key) for row in connection.execute(query)}

    def add(self, found: Collection[Withdrawal]) -> list[Withdrawal]:
        """Note that articles are gone; return them with the times since which they are."""
        statement = insert_into(withdrawn, self._engine.dialect)
        changes = {name: statement.excluded[name] for name in ("url", "status")}
        statement = statement.on_conflict_do_update(index_elements=["outlet", "key"], set_=changes)
        if found:
            with self._engine.begin() as connection:
                connection.execute(statement, [one._asdict() for one in sorted(found, key=_place)])
        return self._read(map(_place, found))

    def remove(self, places: Collection[tuple[str, str]]) -> list[Withdrawal]:
        """Note that articles, by outlet and key, are there again; return those that were gone."""
        found = self._read(places)
        with self._engine.begin() as connection:
            for outlet, key in sorted(map(_place, found)):
                connection.execute(delete(withdrawn).where(withdrawn.c.outlet == outlet, withdrawn.c.key == key))
        return found

    def restore(self, found: Iterable[Withdrawal]) -> None:
        """Fill an empty table by the run files of the archive."""
        if rows := [one._asdict() for one in found]:
            with self._engine.begin() as connection:
                connection.execute(insert(withdrawn), rows)

    def _read(self, places: Iterable[tuple[str, str]]) -> list[Withdrawal]:
        wanted, found = sorted(places), list[Withdrawal]()
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), KEYS):
                its = tuple_(withdrawn.c.outlet, withdrawn.c.key).in_(wanted[start : start + KEYS])
                found += (Withdrawal(*row) for row in connection.execute(select(*COLUMNS).where(its)))
        return found


def _place(one: Withdrawal) -> tuple[str, str]:
    return one.outlet, one.key
