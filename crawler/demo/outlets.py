"""The three outlets of the demo newspaper: their names, sections and addresses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoSection:
    """A section: its slug in addresses, its name on pages, the topic of its stories."""

    slug: str
    name: str
    topic: str

    @property
    def national(self) -> bool:
        """Whether the outlet's national listing includes it."""
        return self.topic == "national"


@dataclass(frozen=True, slots=True)
class PaperOutlet:
    """One outlet; its name is the prefix of its paths, its first section is the national one."""

    name: str
    title: str
    first_id: int
    path: str
    sections: tuple[DemoSection, ...]

    def section(self, slug: str) -> DemoSection | None:
        """Return the section with this slug."""
        return next((section for section in self.sections if section.slug == slug), None)

    def section_about(self, topic: str) -> DemoSection:
        """Return the first section for a topic."""
        return next(section for section in self.sections if section.topic == topic)


DAILY = PaperOutlet(
    name="daily",
    title="দৈনিক প্রভাতরেখা",
    first_id=322000,
    path="/daily/{section}/article/{key}/{slug}",
    sections=(
        DemoSection("national", "জাতীয়", "national"),
        DemoSection("country", "সারাদেশ", "national"),
        DemoSection("sports", "খেলা", "sports"),
        DemoSection("entertainment", "বিনোদন", "entertainment"),
        DemoSection("international", "আন্তর্জাতিক", "international"),
        DemoSection("economics", "অর্থনীতি", "economy"),
    ),
)
PORTAL = PaperOutlet(
    name="portal",
    title="নদীবার্তা",
    first_id=711000,
    path="/portal/{key}/{slug}",
    sections=(
        DemoSection("national", "জাতীয়", "national"),
        DemoSection("sports", "খেলাধুলা", "sports"),
        DemoSection("entertainment", "বিনোদন", "entertainment"),
        DemoSection("world-news", "আন্তর্জাতিক", "international"),
        DemoSection("business", "অর্থনীতি", "economy"),
    ),
)
TV = PaperOutlet(
    name="tv",
    title="চ্যানেল দিগন্তরেখা",
    first_id=154000,
    path="/tv/{key}/{slug}/",
    sections=(
        DemoSection("national", "জাতীয়", "national"),
        DemoSection("sports", "খেলা", "sports"),
        DemoSection("entertainment", "বিনোদন", "entertainment"),
        DemoSection("international", "আন্তর্জাতিক", "international"),
        DemoSection("economy", "অর্থনীতি", "economy"),
    ),
)
OUTLETS = {outlet.name: outlet for outlet in (DAILY, PORTAL, TV)}
