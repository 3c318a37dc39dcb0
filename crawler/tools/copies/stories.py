"""Stories: clusters of copies across outlets among the articles of an archive, on disk so that memory stays flat."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from crawler.model.article import CLOCK_PRECISIONS
from crawler.outlets.outlet import Outlet
from crawler.tools.copies.clusters import Text, body_words, clusters
from crawler.tools.copies.signatures import signature, similarity
from crawler.tools.export.rows import moment_of
from crawler.tools.verification.database import ScratchDatabase

Fields = Mapping[str, Any]
END_OF_DAY = timedelta(hours=23, minutes=59, seconds=59)
TABLES = """
CREATE TABLE article (
    id TEXT PRIMARY KEY, fetched REAL, at REAL, day INTEGER, outlet TEXT, agencies TEXT, signature BLOB, facts TEXT
);
-- The article of a story at each place, the earliest first, and its similarity to the earliest.
CREATE TABLE member (story INTEGER, place INTEGER, article INTEGER, similarity REAL, PRIMARY KEY (story, place))
    WITHOUT ROWID;
"""
TAKE = """INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    fetched = excluded.fetched, at = excluded.at, day = excluded.day, outlet = excluded.outlet,
    agencies = excluded.agencies, signature = excluded.signature, facts = excluded.facts
    WHERE excluded.fetched >= fetched"""
SIGNED = "SELECT rowid, day, outlet, signature FROM article WHERE signature IS NOT NULL ORDER BY at, id"
ARTICLES = """SELECT id, outlet, agencies, facts, similarity FROM member JOIN article ON article.rowid = member.article
    WHERE story = ? ORDER BY place"""
IN_ORDER = """SELECT story FROM member JOIN article ON article.rowid = member.article WHERE place = 0
    ORDER BY at, id"""
LARGEST = """SELECT story FROM member JOIN article ON article.rowid = member.article GROUP BY story
    ORDER BY count(DISTINCT outlet) DESC, count(*) DESC, min(at), min(id) LIMIT ?"""
TOTALS = """SELECT count(DISTINCT story), count(*), count(DISTINCT outlet), (SELECT count(*) FROM article)
    FROM member JOIN article ON article.rowid = member.article"""


class StoryArticle(NamedTuple):
    """An article of a story; `similarity` (0 to 1) is that of its text to the text of the earliest one."""

    id: str
    outlet: str
    agencies: list[str]
    similarity: float
    facts: dict[str, Any]


Story = list[StoryArticle]


class SignedRow(NamedTuple):
    """The facts of a row that stories are found by; without a signature, the article is in no story."""

    id: str
    fetched: float
    at: float
    day: int
    outlet: str
    agencies: str
    signature: bytes | None
    facts: str


def signed_row(row: Fields, facts: Fields, is_wanted: bool = True) -> SignedRow:
    """Return what stories need of a row. Raises as a malformed row does.

    `facts` come back with each article of a story. A row that is not wanted hides older ones of its article.
    """
    at = published_by(row)
    return SignedRow(
        str(row["id"]),
        moment_of(row["fetched_at"]).timestamp(),
        at.timestamp(),
        at.astimezone(Outlet.zone()).toordinal(),
        row["outlet"],
        json.dumps(list(row["agencies"])),
        signature(body_words(row)) if is_wanted else None,
        json.dumps(facts, ensure_ascii=False),
    )


def published_by(row: Fields) -> datetime:
    """Return the moment by which an article was published, to compare it with others. Raises as a malformed row does.

    An article that states only a day counts at the end of the day, or when it was fetched: it must not seem to be
    earlier than all others of its day. An undated one counts when it was fetched.
    """
    published, fetched = row["published"], moment_of(row["fetched_at"])
    if not published:
        return fetched
    at = moment_of(published["at"])
    return at if published["precision"] in CLOCK_PRECISIONS else max(at, min(at + END_OF_DAY, fetched))


def agency_of(story: Story) -> str | None:
    """Return the agency that the earliest article with an agency credits."""
    return next((article.agencies[0] for article in story if article.agencies), None)


class Stories(ScratchDatabase):
    """The stories among articles: take the articles, then find their stories, then read them."""

    def __init__(self) -> None:
        super().__init__(TABLES)

    def take(self, rows: Iterable[SignedRow]) -> None:
        """Take articles; of several rows of an article, the one that was captured last and then taken last."""
        self._connection.executemany(TAKE, rows)

    def find(self, on_text: Callable[[], None] = lambda: None) -> None:
        for story, numbers in enumerate(clusters(self._texts(on_text), is_across=True)):
            self.add_all("member", list(self._members(story, numbers)))

    def _texts(self, on_text: Callable[[], None]) -> Iterator[Text]:
        for row in self.run(SIGNED):
            yield Text(*row)
            on_text()

    def _members(self, story: int, numbers: Iterable[int]) -> Iterator[tuple[int, int, int, float]]:
        facts = "SELECT at, id, rowid, signature FROM article WHERE rowid = ?"
        found = sorted(tuple(self.one(facts, number)) for number in numbers)
        for place, (*_, number, signed) in enumerate(found):
            yield story, place, number, similarity(found[0][-1], signed)

    def texts(self) -> int:
        """Return the number of articles that are long enough to be compared."""
        return int(self.one("SELECT count(signature) FROM article")[0])

    def totals(self) -> tuple[int, int, int, int]:
        """Return the number of stories, of their articles and outlets, and of all articles."""
        stories, copies, outlets, articles = self.one(TOTALS)
        return stories, copies, outlets, articles

    def __iter__(self) -> Iterator[Story]:
        """Yield the articles of each story, the earliest first, in the order of the earliest."""
        return (self._story(story) for (story,) in self.run(IN_ORDER))

    def largest(self, most: int) -> Iterator[Story]:
        """Yield the stories of the most outlets, then of the most articles."""
        return (self._story(story) for (story,) in self.run(LARGEST, most))

    def _story(self, story: int) -> Story:
        return [
            StoryArticle(
                one["id"], one["outlet"], json.loads(one["agencies"]), one["similarity"], json.loads(one["facts"])
            )
            for one in self.run(ARTICLES, story)
        ]
