"""Find authors, agencies, datelines and the initials of desks in bylines and article bodies."""

from crawler.bengali.bylines.credits import agencies, is_credit
from crawler.bengali.bylines.datelines import find_dateline
from crawler.bengali.bylines.names import may_name_desk, parse_byline
from crawler.bengali.bylines.persons import is_initials

__all__ = ["agencies", "find_dateline", "is_credit", "is_initials", "may_name_desk", "parse_byline"]
