"""Dates as Bengali news pages and their markup write them; every answer says how exact it is."""

from __future__ import annotations

from crawler.bengali.dates.machine import parse_machine_date
from crawler.bengali.dates.moment import Moment
from crawler.bengali.dates.visible import find_date, find_modified, is_masthead

__all__ = ["Moment", "find_date", "find_modified", "is_masthead", "parse_machine_date"]
