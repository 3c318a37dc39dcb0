"""Moments as state writes them: RFC 3339 in UTC with microseconds, so that texts sort as the moments do."""

from __future__ import annotations

from datetime import UTC, datetime


def as_text(moment: datetime) -> str:
    """Return an aware moment as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
