"""Who wrote it and who supplied it: persons, desks, agencies, datelines, and the initials of a desk."""

from __future__ import annotations

from crawler.bengali.bylines.credits import agencies, is_credit
from crawler.bengali.bylines.datelines import find_dateline
from crawler.bengali.bylines.initials import is_initials
from crawler.bengali.bylines.names import may_name_desk, parse_byline

__all__ = ["agencies", "find_dateline", "is_credit", "is_initials", "may_name_desk", "parse_byline"]
