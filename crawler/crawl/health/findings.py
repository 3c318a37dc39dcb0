"""What is wrong with an outlet, in words that say where to look.

From which point on something is wrong; the settings say why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a code, what it is about (a source, or nothing), since when, and a sentence's parts."""

    code: str
    what: str
    since: datetime
    detail: str = ""
    look: str = ""
    subject: str = ""

    @property
    def name(self) -> str:
        """What tells the finding from others of its outlet."""
        return f"{self.code} {self.subject}".strip()

    def sentence(self, since: datetime) -> str:
        """Return what is said of an outlet: `WHAT since DAY (DETAIL): look at WHERE`."""
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
        """Read the settings."""
        return cls(
            settings.getfloat("HEALTH_CHANCE"),
            settings.getfloat("HEALTH_RISE"),
            settings.getint("HEALTH_LISTED"),
            timedelta(hours=settings.getfloat("HEALTH_QUIET_HOURS")),
            settings.getint("HEALTH_DAYS"),
            settings.getint("HEALTH_NEW"),
        )
