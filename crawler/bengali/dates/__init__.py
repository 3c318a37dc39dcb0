"""Dates as Bengali news pages and their markup write them; every answer says how exact it is."""

from __future__ import annotations

from crawler.bengali.dates.labels import Label, is_label, label_of
from crawler.bengali.dates.machine import parse_machine_date
from crawler.bengali.dates.moment import Moment
from crawler.bengali.dates.visible import (
    contradicts_weekday,
    find_date,
    find_modified,
    find_published,
    is_masthead,
    names_weekday,
    tells_of_other,
)

__all__ = [
    "Label",
    "Moment",
    "contradicts_weekday",
    "find_date",
    "find_modified",
    "find_published",
    "is_label",
    "is_masthead",
    "label_of",
    "names_weekday",
    "parse_machine_date",
    "tells_of_other",
]
