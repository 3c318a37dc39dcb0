"""Who is credited with an article, as printed and as meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crawler.demo.cast import POOLS, turned

WIRE_CREDIT = "সূত্র: বাসস।"
INITIALS = ("এমএইচ/জেআইএম", "আরকে/এসএ", "এনএস/টিআর", "কেআর/এমএস", "জেডএইচ/আইএফ")
TOPIC_DESKS = {
    "national": ("নিজস্ব প্রতিবেদক", "স্টাফ রিপোর্টার", "অনলাইন ডেস্ক", "বিশেষ প্রতিনিধি"),
    "sports": ("ক্রীড়া প্রতিবেদক", "স্পোর্টস ডেস্ক"),
    "entertainment": ("বিনোদন প্রতিবেদক", "বিনোদন ডেস্ক"),
    "international": ("আন্তর্জাতিক ডেস্ক", "অনলাইন ডেস্ক"),
    "economy": ("অর্থনৈতিক প্রতিবেদক", "নিজস্ব প্রতিবেদক"),
}


@dataclass(frozen=True, slots=True)
class Byline:
    """A byline as printed, and the credited name and kind that it means."""

    printed: str
    name: str
    kind: Literal["person", "desk", "agency"]


def byline_of(outlet: str, topic: str, key: int, district: str, upazila: str) -> Byline:
    """Return the byline of an article that is not wire copy."""
    desks = TOPIC_DESKS[topic]
    reporter = POOLS["man"][turned(key % 17, f"{outlet}/reporters", len(POOLS["man"]))]
    if key % 5 == 0:
        return Byline(reporter, reporter, "person")
    if topic != "national" or key % 5 in (1, 2):
        return _desk(desks[key // 5 % len(desks)])
    if key % 5 == 3:
        return Byline(f"{reporter}, {district}", reporter, "person")
    return _desk(
        (f"{district} প্রতিনিধি", f"{upazila} ({district}) প্রতিনিধি", f"জেলা প্রতিনিধি, {district}")[key // 5 % 3]
    )


def wire_byline() -> Byline:
    """Return the credit of the state news agency."""
    return Byline("বাসস", "বাসস", "agency")


def initials_of(outlet: str, key: int) -> str | None:
    """Return the desk initials under an article, where the desk has signed."""
    return INITIALS[key // 4 % len(INITIALS)] if outlet == "portal" and key % 4 == 1 else None


def _desk(name: str) -> Byline:
    return Byline(name, name, "desk")
