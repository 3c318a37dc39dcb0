"""What is wrong with an outlet, in words that say where to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
