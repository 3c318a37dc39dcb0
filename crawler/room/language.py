"""The languages of the reading room: texts, numbers and dates in Bengali and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

from crawler.bengali.text import fold, normalize
from crawler.model.article import Scope
from crawler.tools.export.rows import local
from crawler.tools.report.gaps import Gap

BENGALI, ENGLISH = "bn", "en"
LANGUAGES = (BENGALI, ENGLISH)
BENGALI_DIGITS = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")

# The signs that separate fractions are the same in both languages.
CLOCKS = {"second": "%H:%M", "minute": "%H:%M", "hour": "%H:%M"}
# More ranges of Accept-Language are not read.
MOST_RANGES = 20


class Language:
    """Texts, numbers and dates of one language."""

    def __init__(self, code: str, texts: Mapping[str, Any]) -> None:
        self.code = code
        self._texts = {key: text[code] for key, text in texts.items() if isinstance(text, dict) and code in text}
        self._codes = {key: text[code] for key, text in texts["codes"].items()}
        self.agencies = texts["agencies"] if code == BENGALI else {}

    @property
    def other(self) -> str:
        return ENGLISH if self.code == BENGALI else BENGALI

    def text(self, key: str, **values: Any) -> str:
        """Return a text with its values; whole numbers are written in this language, and `n` chooses the plural."""
        one, _, several = self._texts[key].partition("|")
        chosen: str = several if several and values.get("n") != 1 else one
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return chosen.format(**shown) if values else chosen

    def name(self, code: str) -> str:
        """Return the name of a code of a row, the code itself if it has none."""
        return str(self._codes.get(code, code))

    def finding(self, finding: str) -> str:
        """Return the name of a finding of state, which may have a source behind its code."""
        code, _, source = finding.partition(" ")
        return ": ".join(filter(None, (self.name(code), source)))

    def gap(self, gap: Gap) -> str:
        """Return why the days of a gap are incomplete."""
        key = "gap_days" if gap.is_of_days else "gap_count"
        found = ((count, self.name(reason)) for count, reason in gap.counted)
        named = ", ".join(self.text(key, n=count, reason=name) if count else name for count, name in found)
        return f"{self.name(gap.kind)}: {named}" if gap.is_retry else named

    def agency(self, code: str) -> str:
        return str(self.agencies.get(code, code))

    def title(self, outlet: Any) -> str:
        """Return the name of a declared outlet."""
        names = (outlet.title, outlet.english) if self.code == BENGALI else (outlet.english, outlet.title)
        return next(filter(None, names), str(outlet.name))

    def digits(self, text: object) -> str:
        return str(text).translate(BENGALI_DIGITS) if self.code == BENGALI else str(text)

    def number(self, number: int) -> str:
        """Return a number with commas: ২,১৪,৩৮০ and 214,380."""
        if self.code == ENGLISH or abs(number) < 1000:
            return self.digits(f"{number:,}")
        sign, digits = "-" if number < 0 else "", str(abs(number))
        head, tail = digits[:-3], digits[-3:]
        pairs = [head[max(at - 2, 0) : at] for at in range(len(head), 0, -2)]
        return self.digits(sign + ",".join([*reversed(pairs), tail]))

    def percent(self, share: float) -> str:
        return self.digits(f"{share:.0%}")

    def day(self, of: date | str) -> str:
        """Return a day: ১২ জুলাই ২০২২, 12 July 2022."""
        of = _date(of)
        return self.digits(f"{of.day} {self._month(of)} {of.year}")

    def day_of_month(self, of: date | str) -> str:
        of = _date(of)
        return self.digits(f"{of.day} {self._month(of)}")

    def whole_day(self, of: date | str) -> str:
        """Return a day with its weekday: মঙ্গলবার, ১২ জুলাই ২০২২."""
        of = _date(of)
        weekdays: Sequence[str] = self._texts["weekdays"]
        return f"{weekdays[of.weekday()]}, {self.day(of)}"

    def month(self, of: date | str) -> str:
        """Return the month of a day, or of a text such as 2022-07."""
        of = _date(f"{of}-01" if isinstance(of, str) and len(of) == 7 else of)
        return self.digits(f"{self._month(of)} {of.year}")

    def short_month(self, number: int) -> str:
        return str(self._texts["short_months"][number - 1])

    def dated(self, stated: Mapping[str, str]) -> str:
        """Return a date of a row as exactly as its page states it."""
        at, precision = local(stated["at"]), stated.get("precision", "")
        if precision in CLOCKS:
            return f"{self.day(at)}, {self.digits(at.strftime(CLOCKS[precision]))}"
        if precision == "year":
            return self.digits(at.year)
        return self.month(at) if precision == "month" else self.day(at)

    def moment(self, text: str | datetime, clock: str = "%H:%M") -> str:
        """Return a moment of a row or run in the outlet's offset; one in UTC, such as a capture, in Dhaka's time."""
        at = text if isinstance(text, datetime) else local(text)
        return f"{self.day(at)}, {self.digits(at.strftime(clock))}"

    def clock(self, text: str) -> str:
        return self.digits(local(text).strftime("%H:%M"))

    def _month(self, of: date) -> str:
        return str(self._texts["months"][of.month - 1])


@cache
def languages() -> dict[str, Language]:
    """Return the languages by code. Bengali texts are in one Unicode form."""
    texts = tomllib.loads(normalize((Path(__file__).parent / "words.toml").read_text("utf-8")))
    return {code: Language(code, texts) for code in LANGUAGES}


def filter_codes() -> dict[str, dict[str, str]]:
    """Return the codes of agencies, languages and scopes by their folded names in either language."""
    found: dict[str, dict[str, str]] = {"agency": {}, "language": {}, "scope": {}}
    for language in languages().values():
        found["agency"] |= {fold(name): code for code, name in language.agencies.items()}
        for name, values in (("language", ("bn", "en", "und")), ("scope", get_args(Scope))):
            found[name] |= {fold(language.name(code)): code for code in values}
    return found


def preferred(accepted: str) -> str:
    """Return the code of the language that an Accept-Language header prefers; Bengali if it names neither."""
    best, code = 0.0, BENGALI
    for one in accepted.split(",")[:MOST_RANGES]:
        name, _, options = one.partition(";")
        primary = name.strip().lower().partition("-")[0]
        quality = _quality(options)
        if primary in LANGUAGES and quality > best:
            best, code = quality, primary
    return code


def _quality(options: str) -> float:
    text = options.strip().removeprefix("q=")
    try:
        return min(max(float(text), 0.0), 1.0) if text else 1.0
    except ValueError:
        return 0.0


def _date(of: date | str) -> date:
    return date.fromisoformat(of) if isinstance(of, str) else of
