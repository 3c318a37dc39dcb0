"""From which point on something is wrong; the settings say why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings


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
