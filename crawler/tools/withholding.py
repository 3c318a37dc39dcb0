"""Withholding: the search for an article in an archive's rows, and the decisions on what is found."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from crawler.archive.cdxj import surt
from crawler.archive.names import ROWS, stem_of
from crawler.archive.storage.base import Storage
from crawler.archive.withheld import WITHHOLD, Decision, newest_decisions, put_decision, time_after
from crawler.model.addresses import clean, is_web_address
from crawler.model.article import article_id
from crawler.model.exit_codes import FAILED, USAGE, Refused
from crawler.outlets.loader import Outlets
from crawler.system import clock
from crawler.tools.export.output import ExportFailed
from crawler.tools.export.rows import RowFile, file_rows, named_rows, outlets_with_rows


class Sought:
    """An article by its ID, or all articles with an address, fetched or canonical. Raises Refused for another text.

    People write an address with another scheme, `www.`, a slash at its end, other case, or parameters of their own.
    """

    def __init__(self, text: str, outlets: Outlets) -> None:
        self.text = text
        self.is_address = is_web_address(text)
        self._id = _id_at(clean(text), outlets) if self.is_address else _id_in(text)
        self._place, self._parameters = _parts(text)

    def is_in(self, row: Mapping[str, Any]) -> bool:
        if row["id"] == self._id:
            return True
        return self.is_address and (self._leads_to(row["url"]) or self._leads_to(row["canonical_url"]))

    def _leads_to(self, url: str) -> bool:
        place, parameters = _parts(url)
        return place == self._place and parameters <= self._parameters


def _id_at(url: str, outlets: Outlets) -> str | None:
    """Return the ID by the article key in an address; its path may differ from that in the rows."""
    for outlet in outlets.all_on(url):
        if (key := outlets.ask(outlet, partial(outlet.key_of, url))) is not None:
            return article_id(outlet.name, key)
    return None


def _id_in(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        advice = "an address begins with https:// or http://"
        raise Refused(f"{text!r} is neither the ID of an article nor a web address; {advice}", USAGE) from None


def _parts(url: str) -> tuple[str, frozenset[str]]:
    """Return host and path of an address in one spelling, and its parameters."""
    place, _, query = surt(clean(url)).partition("?")
    return place, frozenset(query.split("&")) - {""}


@dataclass
class Found:
    """The outlet and address of each article, by its ID, and what could not be searched."""

    articles: dict[str, tuple[str, str]] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)


def search(storage: Storage, sought: Sought, begin: Callable[[int], None], on_file: Callable[[], None]) -> Found:
    """Search the rows of an archive; damaged files are named and skipped. Raises StorageError, OSError."""
    found = Found()
    files = list(_row_files(storage, found))
    begin(len(files))
    for file in files:
        try:
            for row in file_rows(storage, file):
                if sought.is_in(row.fields):
                    found.articles[row.fields["id"]] = (row.fields["outlet"], row.fields["url"])
                    if not sought.is_address:
                        return found
        except ExportFailed as error:
            found.damaged.append(str(error))
        except (KeyError, TypeError, AttributeError) as error:
            found.damaged.append(f"{file.key}: malformed row: {error!r}")
        on_file()
    return found


def _row_files(storage: Storage, found: Found) -> Iterator[RowFile]:
    for outlet in outlets_with_rows(storage):
        try:
            named = named_rows(storage, outlet)[1]
        except ExportFailed as error:
            found.damaged.append(str(error))
        else:
            # With the rows that a re-extraction has replaced: other programs read them.
            yield from (RowFile(key, named[key]) for key in sorted(named, key=stem_of) if key.endswith(ROWS))


def decide(storage: Storage, sought: Sought, found: Found, action: str, reason: str, by: str) -> list[Decision]:
    """Write and return a decision on each article that was found, unless it stands already.

    Raises Refused if no article is left, StorageError, OSError.
    """
    if not found.articles:
        waiting = "; rows that wait in the spool are not searched: run `scrapy push` first"
        raise Refused(f"{storage.url} has no article {sought.text}{waiting}", FAILED)
    newest, made = newest_decisions(storage), []
    for one, (outlet, url) in sorted(found.articles.items()):
        last = newest.get(one)
        is_withheld = last is not None and last.action == WITHHOLD
        if is_withheld != (action == WITHHOLD):
            decision = Decision(one, outlet, url, action, reason, time_after(last, clock.now()), by)
            put_decision(storage, decision)
            made.append(decision)
    if not made:
        problem = "is already withheld" if action == WITHHOLD else "is not withheld"
        raise Refused(f"{sought.text} {problem}", FAILED)
    return made
