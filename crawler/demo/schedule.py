"""The schedule: the story that an outlet prints on a day, independent of the newspaper's window of 30 days."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crawler.demo.grammar import RenderedStory, StoryTemplate
from crawler.demo.outlets import OUTLETS
from crawler.demo.stories import NATIONAL, OTHER, WIRE

DHAKA = ZoneInfo("Asia/Dhaka")
ORDER = tuple(OUTLETS)
TOPICS = tuple(OTHER)
MIXING = 16


@dataclass(frozen=True, slots=True)
class StoryOrder:
    """One article to write: the day's `number` of an outlet, its topic, its story and turn."""

    outlet: str
    day: date
    number: int
    topic: str
    story: StoryTemplate
    turn: int
    wire: bool = False

    def render(self) -> RenderedStory:
        """Return the story; its event was the day before."""
        return self.story.render(self.turn, self.day - timedelta(days=1))


def assignments(day: date) -> Iterator[StoryOrder]:
    """Yield the articles of a day: 4 of the daily, 4 or 3 of the portal, 3 of the television channel."""
    third = day.toordinal() % 3
    for outlet, count in (("daily", 4), ("portal", 3 if third == 2 else 4), ("tv", 3)):
        other_number = {"daily": 3, "portal": 3, "tv": 2 if third == 1 else None}[outlet]
        for number in range(count):
            if third == 0 and outlet != "daily" and number == 0:
                yield _wire(outlet, day)
            elif number == other_number:
                topic = TOPICS[(day.toordinal() + ORDER.index(outlet)) % len(TOPICS)]
                yield other(outlet, day, number, topic)
            else:
                yield national(outlet, day, number)


def national(outlet: str, day: date, number: int, ahead: int = 0) -> StoryOrder:
    """Return a national article. One outside the schedule takes a turn `ahead` of the day's own."""
    index = day.toordinal() * 9 + ORDER.index(outlet) * 3 + number
    turn, place = divmod(index, len(NATIONAL))
    story = NATIONAL[place * MIXING % len(NATIONAL)]
    return StoryOrder(outlet, day, number, "national", story, turn + ahead)


def other(outlet: str, day: date, number: int, topic: str, ahead: int = 0) -> StoryOrder:
    """Return an article about a topic that is not national."""
    turn, place = divmod(day.toordinal() // 4 * 4 + ORDER.index(outlet), len(OTHER[topic]))
    return StoryOrder(outlet, day, number, topic, OTHER[topic][place], turn + ahead)


def published_at(assignment: StoryOrder, today: date) -> datetime:
    """Return the time of publication in Dhaka.

    On the last day it is within the first quarter of an hour. So no article is dated in the future, at whatever hour
    the newspaper starts.
    """
    outlet = ORDER.index(assignment.outlet)
    noise = zlib.crc32(f"{assignment.outlet}/{assignment.day}/{assignment.number}".encode())
    midnight = datetime.combine(assignment.day, time(), DHAKA)
    if assignment.day >= today:
        return midnight + timedelta(minutes=assignment.number * 3 + outlet, seconds=noise % 60)
    return midnight + timedelta(hours=6 + assignment.number % 5 * 4, seconds=noise % (4 * 3600))


def _wire(outlet: str, day: date) -> StoryOrder:
    turn, place = divmod(day.toordinal() // 3, len(WIRE))
    return StoryOrder(outlet, day, 0, "national", WIRE[place], turn, wire=True)
