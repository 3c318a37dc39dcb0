"""Pages of the benchmark, the expected answers, and the register of layouts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from evaluate.gold import Credit, Gold

HOST = "https://news.example"
# Pages are fetched long after publication, so that the date of a masthead or footer is wrong.
LATER = timedelta(days=9, hours=3, minutes=7)


@dataclass(frozen=True, slots=True)
class Story:
    """The input of a layout: an article, its neighbours on the page, and the time of the fetch."""

    gold: Gold
    others: Sequence[Gold]
    fetched_at: datetime

    @property
    def url(self) -> str:
        """The usual address, which shows neither day nor section."""
        return f"{HOST}/details/{self.gold.key}"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a reader takes from the page; `precision` is None if the page shows no date."""

    title: str
    paragraphs: tuple[str, ...]
    published: datetime | None
    precision: str | None
    credits: tuple[Credit, ...]
    section: str | None
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One rendered page; `platform` is the publishing system that the layout imitates, if khobor knows it."""

    layout: str
    url: str
    body: bytes
    fetched_at: datetime
    expected: Expected
    platform: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A template, and the parts of an article that its pages show."""

    name: str
    render: Callable[[Story], str | bytes]
    date: str | None = "minute"
    credit: bool = True
    section: bool | str = True
    platform: str | None = None
    content_type: str | None = None
    age: timedelta = LATER
    shape: Callable[[Gold], Gold] = field(default=lambda gold: gold)
    address: Callable[[Story], str] = field(default=lambda story: story.url)
    published: Callable[[Story], datetime] = field(default=lambda story: story.gold.published)
    agencies: tuple[str, ...] = ()

    def page(self, gold: Gold, others: Sequence[Gold]) -> Page:
        shaped = self.shape(gold)
        story = Story(shaped, others, shaped.published + self.age)
        body = self.render(story)
        body = body.encode() if isinstance(body, str) else body
        url = self.address(story)
        return Page(self.name, url, body, story.fetched_at, self._expected(story), self.platform, self.content_type)

    def _expected(self, story: Story) -> Expected:
        gold = story.gold
        named = self.credit or any(gold.credit.name in block.text for block in gold.blocks)
        return Expected(
            title=gold.title,
            paragraphs=tuple(block.text for block in gold.blocks),
            published=self.published(story) if self.date else None,
            precision=self.date,
            credits=(gold.credit,) if self.credit else (),
            section=self.section if isinstance(self.section, str) else gold.section if self.section else None,
            agencies=self.agencies or (gold.agencies if named else ()),
        )


LAYOUTS: dict[str, Layout] = {}


def layout(name: str, **shown: object) -> Callable[[Callable[[Story], str | bytes]], Callable[[Story], str | bytes]]:
    """Register a template as a layout; `shown` are fields of Layout."""

    def register(render: Callable[[Story], str | bytes]) -> Callable[[Story], str | bytes]:
        if name in LAYOUTS:
            raise ValueError(f"two layouts are named {name}")
        LAYOUTS[name] = Layout(name, render, **shown)  # type: ignore[arg-type]
        return render

    return register


def pages(gold: Sequence[Gold], each: int) -> Iterator[Page]:
    """Yield the pages of every layout, `each` per layout; the next articles are the neighbours."""
    for number, one in enumerate(LAYOUTS.values()):
        for turn in range(each):
            at = (number * each + turn) * 7
            around = [gold[(at + step) % len(gold)] for step in range(1, 9)]
            yield one.page(gold[at % len(gold)], around)
