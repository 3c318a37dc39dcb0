"""The articles of the three outlets: those of 30 days, and later edits and additions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import quote

from crawler.demo import schedule
from crawler.demo.calendars import long_date, time_of_day
from crawler.demo.cast import WIRE_BYLINE, Byline, byline_of, initials_of
from crawler.demo.grammar import Paragraph
from crawler.demo.outlets import OUTLETS, DemoSection, PaperOutlet
from crawler.demo.schedule import DHAKA, StoryOrder
from crawler.demo.words import digits, precomposed
from crawler.system import clock

DAYS = 30
FIRST_DAY = date(2020, 1, 1).toordinal()
IDS_A_DAY = 20

# Articles outside the schedule: one of the print edition only, and one whose address is gone.
PRINTED, WITHDRAWN = 18, 19
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class PrintedArticle:
    """One published article; tests compare extracted articles with it."""

    outlet: str
    id: int
    section: DemoSection
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
    def lead(self) -> str:
        """The first paragraph."""
        return self.paragraphs[0].text

    @property
    def text(self) -> str:
        """The paragraphs in NFC, one a line, without credits and boilerplate."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)

    @property
    def national(self) -> bool:
        """Whether the outlet's national listing includes it."""
        return self.section.national

    @property
    def changed(self) -> datetime:
        """The time of its last edit, or else of its publication."""
        return self.modified or self.published


class Newspaper:
    """The three outlets over the 30 days that end on `today`.

    Two newspapers of one day are equal until `edit` or `publish` changes one.
    """

    def __init__(self, today: date) -> None:
        self.today = today
        self._articles: dict[tuple[str, int], PrintedArticle] = {}
        self.days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
        for day in self.days:
            for assignment in schedule.assignments(day):
                self._keep(self._write(assignment))
        yesterday = today - timedelta(days=1)
        self.withdrawn = {name: self._write(schedule.national(name, yesterday, WITHDRAWN, 40)) for name in OUTLETS}
        self.printed = self._write(schedule.national("daily", yesterday, PRINTED, 40))
        self.failing = self._articles["portal", _id("portal", yesterday, 1)]
        self.at_start = {name: self.of(name) for name in OUTLETS}

    @property
    def articles(self) -> list[PrintedArticle]:
        """Every article, outlet by outlet, newest first."""
        return [article for name in OUTLETS for article in self.of(name)]

    def of(self, outlet: str) -> list[PrintedArticle]:
        """Return the articles of an outlet, newest first."""
        return newest_first(article for article in list(self._articles.values()) if article.outlet == outlet)

    def article(self, outlet: str, key: int) -> PrintedArticle | None:
        """Return the article of an outlet and id."""
        return self._articles.get((outlet, key))

    def edit(self, outlet: str, key: int, now: datetime) -> PrintedArticle:
        """Add a dated paragraph to an article; raise KeyError for an unknown one."""
        old = self._articles[outlet, key]
        edition = digits(sum(paragraph.kind == "note" for paragraph in old.paragraphs) + 1)
        note = (
            f"{old.place} থেকে পাওয়া নতুন তথ্য যোগ করে {long_date(now)} তারিখের {time_of_day(now)} মিনিটে "
            f"{digits(key)} নম্বর প্রতিবেদনটি {edition} বার হালনাগাদ করা হলো।"
        )
        paragraphs = (*old.paragraphs, Paragraph(note, "note"))
        return self._keep(replace(old, paragraphs=paragraphs, modified=max(now, old.changed + SECOND)))

    def publish(self, outlet: str, topic: str, now: datetime) -> PrintedArticle:
        """Publish one more article of a topic on the last day; raise KeyError for an unknown topic."""
        articles = self.of(outlet)
        number = 4 + sum(article.published.date() == self.today for article in articles)
        if topic == "national":
            assignment = schedule.national(outlet, self.today, number, 20)
        else:
            assignment = schedule.other(outlet, self.today, number, topic, 20 + number)
        return self._keep(replace(self._write(assignment), published=max(now, articles[0].published + SECOND)))

    def _keep(self, article: PrintedArticle) -> PrintedArticle:
        self._articles[article.outlet, article.id] = article
        return article

    def _write(self, assignment: StoryOrder) -> PrintedArticle:
        outlet, story = OUTLETS[assignment.outlet], assignment.render()
        key = _id(outlet.name, assignment.day, assignment.number)
        section = _section(outlet, assignment, key)
        byline = byline_of(outlet.name, assignment.topic, key, story.district, story.upazila)
        published = schedule.published_at(assignment, self.today)
        is_old = assignment.day < self.today - timedelta(days=1)
        return PrintedArticle(
            outlet=outlet.name,
            id=key,
            section=section,
            title=story.title,
            paragraphs=story.paragraphs,
            byline=WIRE_BYLINE if assignment.wire else byline,
            published=published,
            path=outlet.path.format(section=section.slug, key=key, slug=slug(story.title, key)),
            place=story.upazila,
            initials=None if assignment.wire else initials_of(outlet.name, key),
            wire=assignment.wire,
            modified=published + timedelta(minutes=47 + key % 180) if is_old and key % 6 == 0 else None,
        )


def newest_first(articles: Iterable[PrintedArticle]) -> list[PrintedArticle]:
    """Return the articles in the order of a listing."""
    return sorted(articles, key=lambda article: (article.published, article.id), reverse=True)


def slug(title: str, key: int) -> str:
    """Return a headline as a percent-encoded slug with joiners; the id decides the form of য়."""
    words = re.sub(r"[^\u0980-\u09ff\u200c\u200d0-9A-Za-z]+", "-", title).strip("-")
    return quote(precomposed(words) if key % 2 else words, safe="-")


def dhaka_today() -> date:
    """Return the current day in Dhaka."""
    return clock.today(DHAKA)


def _id(outlet: str, day: date, number: int) -> int:
    return OUTLETS[outlet].first_id + (day.toordinal() - FIRST_DAY) * IDS_A_DAY + number


def _section(outlet: PaperOutlet, assignment: StoryOrder, key: int) -> DemoSection:
    # Some national stories of the daily are in its second national section.
    if outlet.name == "daily" and assignment.number == 2 and key // IDS_A_DAY % 2 and not assignment.story.central:
        return outlet.sections[1]
    return outlet.section_about(assignment.topic)
