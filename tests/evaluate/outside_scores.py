"""Scores of answers on the pages of outside judges, their table, and the lines that cost them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluate.answer import Answer
from evaluate.outside import OutsidePage
from evaluate.summary import table
from evaluate.text import folded

COLUMNS = ("pages", "lost ¶", "junk ¶", "clean", "title", "refused", "accepted")
SHOWN = 100


@dataclass(frozen=True, slots=True)
class OutsideScore:
    """The verdict on one page; `reason` is the extractor's own, if it refuses the page."""

    outside: OutsidePage
    lost: tuple[str, ...]
    junk: tuple[str, ...]
    title: str
    refused: bool
    reason: str | None

    @property
    def title_right(self) -> bool:
        return folded(self.title) == folded(self.outside.page.expected.title)

    @property
    def misjudged(self) -> bool:
        """True if an article is refused, or another page accepted."""
        return self.refused == self.outside.is_article

    @property
    def clean(self) -> bool:
        return not (self.lost or self.junk or self.misjudged)


def outside_scores(pages: Iterable[OutsidePage], answers: Iterable[Answer]) -> list[OutsideScore]:
    """Return the verdict on each page."""
    return [_score(page, answer) for page, answer in zip(pages, answers, strict=True)]


def _score(outside: OutsidePage, answer: Answer) -> OutsideScore:
    """Return the verdict on an answer; one without text refuses the page, which loses every paragraph."""
    running = "".join(folded(line) for line in answer.paragraphs)
    lost: tuple[str, ...] = ()
    junk: tuple[str, ...] = ()
    if outside.is_article:
        lost = tuple(text for text in outside.page.expected.paragraphs if folded(text) not in running)
        junk = _junk(answer.paragraphs, outside)
    return OutsideScore(outside, lost, junk, answer.title or "", not running, answer.error)


def _junk(paragraphs: Sequence[str], outside: OutsidePage) -> tuple[str, ...]:
    """Return the lines that are in no gold paragraph, or the known junk that is in a line."""
    if outside.junk is None:
        gold = [folded(text) for text in outside.page.expected.paragraphs]
        return tuple(line for line in paragraphs if not any(folded(line) in text for text in gold))
    lines = [folded(line) for line in paragraphs]
    return tuple(line for line in outside.junk if any(folded(line) in text for text in lines))


def outside_table(runs: Mapping[str, Sequence[OutsideScore]]) -> str:
    """Return one row for each judge and extractor."""
    judges = list(dict.fromkeys(score.outside.page.layout for scores in runs.values() for score in scores))
    rows = [
        [judge, name, *_cells([score for score in scores if score.outside.page.layout == judge])]
        for judge in judges
        for name, scores in runs.items()
    ]
    return table(["pages of", "extractor", *COLUMNS], rows)


def _cells(scores: Sequence[OutsideScore]) -> list[str]:
    articles = [score for score in scores if score.outside.is_article]
    others = [score for score in scores if not score.outside.is_article]
    gold = sum(len(score.outside.page.expected.paragraphs) for score in articles)
    titled = [score for score in articles if score.outside.page.expected.title]
    return [
        str(len(scores)),
        _of(sum(len(score.lost) for score in articles), gold),
        str(sum(len(score.junk) for score in articles)) if articles else "–",
        _of(sum(score.clean for score in articles), len(articles)),
        _of(sum(score.title_right for score in titled), len(titled)),
        _of(sum(score.refused for score in articles), len(articles)),
        _of(sum(not score.refused for score in others), len(others)),
    ]


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else "–"


def outside_details(scores: Iterable[OutsideScore]) -> Iterator[str]:
    """Yield the name of each page with an error, then its lost paragraphs, junk lines and wrong title."""
    for score in scores:
        if lines := list(_details(score)):
            yield f"{score.outside.page.layout}: {score.outside.name}"
            yield from lines


def _details(score: OutsideScore) -> Iterator[str]:
    if score.misjudged:
        yield f"  {'refused' if score.refused else 'accepted'}: {score.reason or score.title}"
    yield from (f"  lost:  {text[:SHOWN]}" for text in score.lost)
    yield from (f"  junk:  {text[:SHOWN]}" for text in score.junk)
    wanted = score.outside.page.expected.title
    if wanted and not score.title_right:
        yield f"  title: {score.title[:SHOWN]}"
        yield f"  gold:  {wanted[:SHOWN]}"
