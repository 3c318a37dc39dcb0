"""The persons, places, hours and desks of `names.toml`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path

from crawler.demo.datafiles import read_toml

NAMES = read_toml(Path(__file__).with_name("names.toml"))
DESKS: dict[str, Sequence[str]] = NAMES["desks"]
INITIALS: Sequence[str] = NAMES["initials"]


def _men() -> list[str]:
    men = NAMES["men"]
    given = [f"{first} {second}" for group in men["given"] for first in group["first"] for second in group["second"]]
    return [f"{name} {family}".strip() for family in men["families"] for name in given]


def _women() -> list[str]:
    women = NAMES["women"]
    return [f"{given} {family}" for given in women["given"] for family in women["families"]]


POOLS: dict[str, Sequence[str]] = {"man": _men(), "woman": _women(), **NAMES["pools"]}


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """An upazila with its district and river."""

    upazila: str
    district: str
    river: str


@cache
def places(where: Collection[str] = ()) -> tuple[NamedPlace, ...]:
    """Return every upazila, or those that `where` names by upazila or district.

    Consecutive places are in different districts.
    """
    districts = [
        [
            NamedPlace(upazila, row["district"], row["river"])
            for upazila in row["upazilas"]
            if not where or row["district"] in where or upazila in where
        ]
        for row in NAMES["places"]
    ]
    return tuple(place for round_of_places in zip_longest(*districts) for place in round_of_places if place)
