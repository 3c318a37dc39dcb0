"""What the demo's three outlets have published: the articles of 30 days, and what is asked of them later."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import quote

from crawler.demo import schedule
from crawler.demo.bylines import Byline, byline_of, initials_of, wire_byline
from crawler.demo.calendars import clock, long_date
from crawler.demo.grammar import Paragraph
from crawler.demo.outlets import OUTLETS, Section
from crawler.demo.schedule import DHAKA, Assignment
from crawler.demo.spelling import precomposed
from crawler.demo.words import digits

DAYS = 30
FIRST_DAY = date(2020, 1, 1).toordinal()
IDS_A_DAY = 20
PRINTED, WITHDRAWN = 18, 19
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Article:
    """One published article and, as the gold of tests, what a reader should get out of its page."""

    outlet: str
    id: int
    section: Section
    title: str
    paragraphs: tuple[Paragraph, ...]
    byline: Byline
    published: datetime
    path: str
    place: str
    initials: str | None = None
    wire: bool = False
    modified: datetime | None = None

    @property
    def text(self) -> str:
        """The paragraphs in NFC, one a line, without credits and furniture."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)

    @property
    def national(self) -> bool:
        """Whether the outlet's national listing holds it."""
        return self.section.national

    @property
    def changed(self) -> datetime:
        """When it last came out."""
        return self.modified or self.published


class Newspaper:
    """The three outlets over the 30 days that end on `today`; equal for equal days until asked to change."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._articles: dict[tuple[str, int], Article] = {}
        self.days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
        for day in self.days:
            for assignment in schedule.assignments(day):
                self._keep(self._write(assignment))
        yesterday = today - timedelta(days=1)
        self.withdrawn = {name: self._write(schedule.national(name, yesterday, WITHDRAWN, 40)) for name in OUTLETS}
        self.printed = self._write(schedule.national("daily", yesterday, PRINTED, 40))
        self.failing = self._find("portal", yesterday, 1)
        self.settled = {name: self.of(name) for name in OUTLETS}

    @property
    def articles(self) -> list[Article]:
        """Every article, outlet by outlet, newest first."""
        return [article for name in OUTLETS for article in self.of(name)]

    def of(self, outlet: str) -> list[Article]:
        """Return the articles of an outlet, newest first."""
        own = [article for article in list(self._articles.values()) if article.outlet == outlet]
        return sorted(own, key=lambda article: (article.published, article.id), reverse=True)

    def article(self, outlet: str, key: int) -> Article | None:
        """Return the article of an outlet and id."""
        return self._articles.get((outlet, key))

    def edit(self, outlet: str, key: int, now: datetime) -> Article:
        """Change an article's text and say when; raise KeyError when there is none."""
        old = self._articles[outlet, key]
        edition = digits(sum(paragraph.kind == "note" for paragraph in old.paragraphs) + 1)
        note = (
            f"{old.place} থেকে পাওয়া নতুন তথ্য যোগ করে {long_date(now)} তারিখের {clock(now)} মিনিটে "
            f"{digits(key)} নম্বর প্রতিবেদনটি {edition} বার হালনাগাদ করা হলো।"
        )
        paragraphs = (*old.paragraphs, Paragraph(note, "note"))
        return self._keep(replace(old, paragraphs=paragraphs, modified=max(now, old.changed + SECOND)))

    def publish(self, outlet: str, topic: str, now: datetime) -> Article:
        """Publish one more article of a topic on the last day; raise KeyError for an unknown topic."""
        articles = self.of(outlet)
        number = 4 + sum(article.published.date() == self.today for article in articles)
        if topic == "national":
            assignment = schedule.national(outlet, self.today, number, 20)
        else:
            assignment = schedule.other(outlet, self.today, number, topic, 20 + number)
        return self._keep(replace(self._write(assignment), published=max(now, articles[0].published + SECOND)))

    def _keep(self, article: Article) -> Article:
        self._articles[article.outlet, article.id] = article
        return article

    def _find(self, outlet: str, day: date, number: int) -> Article:
        return self._articles[outlet, _id(outlet, day, number)]

    def _write(self, assignment: Assignment) -> Article:
        outlet, telling = OUTLETS[assignment.outlet], assignment.tell()
        key = _id(outlet.name, assignment.day, assignment.number)
        section = outlet.about(assignment.topic)
        if outlet.name == "daily" and assignment.number == 2 and key // IDS_A_DAY % 2 and not assignment.story.central:
            section = outlet.sections[1]
        place = telling.upazila
        byline = byline_of(outlet.name, assignment.topic, key, telling.district, telling.upazila)
        published = schedule.published_at(assignment, self.today)
        return Article(
            outlet=outlet.name,
            id=key,
            section=section,
            title=telling.title,
            paragraphs=telling.paragraphs,
            byline=wire_byline() if assignment.wire else byline,
            published=published,
            path=outlet.address(section, key, slug(telling.title, key)),
            place=place,
            initials=None if assignment.wire else initials_of(outlet.name, key),
            wire=assignment.wire,
            modified=self._modified(assignment, key, published),
        )

    def _modified(self, assignment: Assignment, key: int, published: datetime) -> datetime | None:
        if key % 6 or assignment.day >= self.today - timedelta(days=1):
            return None
        return published + timedelta(minutes=47 + key % 180)


def slug(title: str, key: int) -> str:
    """Return a headline as it stands in addresses: encoded, joiners kept, in either form of য় by the id."""
    words = re.sub(r"[^\u0980-\u09ff\u200c\u200d0-9A-Za-z]+", "-", title).strip("-")
    return quote(precomposed(words) if key % 2 else words, safe="-")


def dhaka_today() -> date:
    """Return the day in Dhaka."""
    return datetime.now(DHAKA).date()


def _id(outlet: str, day: date, number: int) -> int:
    return OUTLETS[outlet].first_id + (day.toordinal() - FIRST_DAY) * IDS_A_DAY + number
