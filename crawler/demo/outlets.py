"""The three outlets of the demo newspaper: their names, sections and addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A section as the address and the page name it; `topic` is what its stories are about."""

    slug: str
    name: str
    topic: str

    @property
    def national(self) -> bool:
        """Whether the outlet's national listing holds its articles."""
        return self.topic == "national"


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet: a path prefix, addresses, the first of its article ids, its sections, national first."""

    name: str
    title: str
    english: str
    first_id: int
    address: Callable[[Section, int, str], str]
    sections: tuple[Section, ...]

    def section(self, slug: str) -> Section | None:
        """Return the section of a slug."""
        return next((section for section in self.sections if section.slug == slug), None)

    def about(self, topic: str) -> Section:
        """Return the first section that a topic's stories stand in."""
        return next(section for section in self.sections if section.topic == topic)


OUTLETS = {
    outlet.name: outlet
    for outlet in (
        Outlet(
            name="daily",
            title="দৈনিক প্রভাতরেখা",
            english="Probhatrekha",
            first_id=322000,
            address=lambda section, key, slug: f"/daily/{section.slug}/article/{key}/{slug}",
            sections=(
                Section("national", "জাতীয়", "national"),
                Section("country", "সারাদেশ", "national"),
                Section("sports", "খেলা", "sports"),
                Section("entertainment", "বিনোদন", "entertainment"),
                Section("international", "আন্তর্জাতিক", "international"),
                Section("economics", "অর্থনীতি", "economy"),
            ),
        ),
        Outlet(
            name="portal",
            title="নদীবার্তা",
            english="Nodibarta",
            first_id=711000,
            address=lambda section, key, slug: f"/portal/{key}/{slug}",
            sections=(
                Section("national", "জাতীয়", "national"),
                Section("sports", "খেলাধুলা", "sports"),
                Section("entertainment", "বিনোদন", "entertainment"),
                Section("world-news", "আন্তর্জাতিক", "international"),
                Section("business", "অর্থনীতি", "economy"),
            ),
        ),
        Outlet(
            name="tv",
            title="চ্যানেল দিগন্তরেখা",
            english="Channel Digantorekha",
            first_id=154000,
            address=lambda section, key, slug: f"/tv/{key}/{slug}/",
            sections=(
                Section("national", "জাতীয়", "national"),
                Section("sports", "খেলা", "sports"),
                Section("entertainment", "বিনোদন", "entertainment"),
                Section("international", "আন্তর্জাতিক", "international"),
                Section("economy", "অর্থনীতি", "economy"),
            ),
        ),
    )
}
