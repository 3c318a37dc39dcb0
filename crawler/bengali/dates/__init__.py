"""Parse the dates in Bengali text and markup; each result has its precision."""

from crawler.bengali.dates.calendar import contradicts_weekday
from crawler.bengali.dates.clock import Moment
from crawler.bengali.dates.labels import Label, is_label, label_of, opens_with_label
from crawler.bengali.dates.machine import parse_machine_date
from crawler.bengali.dates.visible import find_date, find_modified, find_published, introduces_other_date, is_masthead

__all__ = [
    "Label",
    "Moment",
    "contradicts_weekday",
    "find_date",
    "find_modified",
    "find_published",
    "introduces_other_date",
    "is_label",
    "is_masthead",
    "label_of",
    "opens_with_label",
    "parse_machine_date",
]
