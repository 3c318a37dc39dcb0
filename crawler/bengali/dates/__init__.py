"""Dates as Bengali news pages and their markup write them; every answer says how exact it is."""

from __future__ import annotations

from crawler.bengali.dates.machine import parse_machine_date
from crawler.bengali.dates.moment import Moment
from crawler.bengali.dates.visible import (
    Label,
    contradicts_weekday,
    find_date,
    find_modified,
    is_label,
    is_masthead,
    label_of,
)

__all__ = [
    "Label",
    "Moment",
    "contradicts_weekday",
    "find_date",
    "find_modified",
    "is_label",
    "is_masthead",
    "label_of",
    "parse_machine_date",
]
