"""The resources of pages, such as stylesheets, that an outlet's crawls have fetched today."""

import json
import logging
from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, Engine, select

from crawler.state.tables import insert_into, remembered

logger = logging.getLogger(__name__)


class FetchedResources:
    """The addresses of one outlet's last day with such requests. Every method raises SQLAlchemyError."""

    def __init__(self, engine: Engine, outlet: str) -> None:
        self._engine = engine
        self._name = f"resources of {outlet}"

    def of(self, day: date) -> set[str]:
        with self._engine.connect() as connection:
            return self._read(connection, day)

    def add(self, day: date, urls: Collection[str]) -> None:
        """Note the addresses fetched on a day, and forget those of another one."""
        with self._engine.begin() as connection:
            value = json.dumps({"day": str(day), "urls": sorted({*urls, *self._read(connection, day)})})
            insert = insert_into(remembered, connection.dialect).values(name=self._name, value=value)
            connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    def _read(self, connection: Connection, day: date) -> set[str]:
        value = connection.scalar(select(remembered.c.value).where(remembered.c.name == self._name))
        try:
            known = json.loads(value or "{}")
            return set(known["urls"]) if known.get("day") == str(day) else set()
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            logger.warning("%s: what state remembers is damaged, so all are fetched again: %r", self._name, error)
            return set()
