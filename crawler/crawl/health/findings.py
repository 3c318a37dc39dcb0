"""What is wrong with an outlet, and the thresholds from which something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from crawler.crawl.numbers import DAYS, hours, number, whole

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a code, its subject (a source, or empty), since when, and the parts of a sentence."""

    code: str
    what: str
    since: datetime
    detail: str = ""
    look: str = ""
    subject: str = ""

    @property
    def name(self) -> str:
        """The name of the finding among those of its outlet."""
        return f"{self.code} {self.subject}".strip()

    def sentence(self, since: datetime) -> str:
        """Return the report of the finding: `WHAT since DAY (DETAIL): look at WHERE`."""
        detail = f" ({self.detail})" if self.detail else ""
        look = f": look at {self.look}" if self.look else ""
        return f"{self.what} since {min(since, self.since):%Y-%m-%d}{detail}{look}"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The HEALTH_* settings; `chance` and `rise` are shares of 1."""

    chance: float = 0.0001
    rise: float = 0.2
    listed: int = 3
    quiet: timedelta = timedelta(hours=24)
    days: int = 60
    new: int = 5

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(
            number(settings, "HEALTH_CHANCE", 0, 1),
            number(settings, "HEALTH_RISE", 0, 1),
            whole(settings, "HEALTH_LISTED"),
            hours(settings, "HEALTH_QUIET_HOURS"),
            whole(settings, "HEALTH_DAYS", 1, DAYS),
            whole(settings, "HEALTH_NEW", 1),
        )
