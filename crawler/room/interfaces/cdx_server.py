"""The index of captures as a CDX server: `/cdx?url=…`, as the clients of the Wayback Machine and of pywb know it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, groupby, islice
from pathlib import Path

import regex
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from crawler.room.index.captures import (
    FIRST,
    LAST,
    MATCH_TYPES,
    IndexedCapture,
    MatchType,
    Position,
    count,
    find,
    last_of,
)
from crawler.room.index.database import connect
from crawler.room.room import Room

# The names of the Wayback Machine, in the order of its columns, then those of pywb.
FIELDS: dict[str, Callable[[IndexedCapture], str]] = {
    "urlkey": lambda one: one.surt,
    "timestamp": lambda one: f"{one.timestamp:014}",
    "original": lambda one: one.url,
    "mimetype": lambda one: one.mime,
    "statuscode": lambda one: one.status,
    "digest": lambda one: one.digest.removeprefix("sha1:"),
    "length": lambda one: str(one.length),
    "filename": lambda one: one.name,
    "offset": lambda one: str(one.offset),
}
PYWB = {"url": "original", "mime": "mimetype", "status": "statuscode"}

# The lines of a page: `cdx_toolkit` estimates sizes by this number.
PAGE_LINES, MOST_PAGE_SIZE = 3000, 50
# The lines sent at a time, and the most that a limit from the end, which is read backwards, keeps in memory.
BATCH, MOST_LAST = 500, 10_000
# Some patterns take years.
FILTER_SECONDS = 5.0
STAMP = re.compile(r"\d{4,14}", re.ASCII)
NUMBER = re.compile(r"-?\d{1,9}", re.ASCII)
FILTER = re.compile(r"(?P<sign>[!=~]{0,2})(?P<field>\w+):(?P<value>.*)", re.DOTALL)


class BadQuery(ValueError):
    """A parameter has a value that it can't have; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a request."""

    url: str
    match_type: MatchType
    since: int
    until: int
    limit: int | None
    skip: int
    page: int | None
    page_lines: int
    after: Position | None
    fields: list[str]
    keeps: list[Callable[[IndexedCapture], bool]]
    collapse: Callable[[IndexedCapture], str] | None
    is_json: bool
    has_resume_key: bool


def cdx(request: Request) -> Response:
    """Send the captures of an address as lines of text, or with `output=json` as a JSON list of lists."""
    room, parameters = request.app.state.room, request.query_params
    try:
        query = query_of(parameters)
    except BadQuery as error:
        return PlainTextResponse(f"{error}\n", 400)
    if parameters.get("showNumPages") == "true" or query.page is not None:
        pages = _pages(room, query)
        if parameters.get("showNumPages") == "true":
            return PlainTextResponse(f"{pages}\n")
        if query.page is not None and query.page >= max(pages, 1):
            return PlainTextResponse(f"There is no page {query.page}: pages are 0 to {max(pages, 1) - 1}.\n", 400)
    batches = _batches(_json_lines(room.database, query) if query.is_json else _text_lines(room.database, query))
    try:
        first = next(batches, "")
    except TimeoutError:
        return PlainTextResponse(f"The filter takes longer than {FILTER_SECONDS:.0f} seconds.\n", 400)
    media_type = "application/json" if query.is_json else "text/plain"
    return StreamingResponse(chain([first], batches), media_type=media_type)


def query_of(parameters: QueryParams) -> Query:
    """Return the query in the parameters of a request. Raises BadQuery."""
    url, match_type = _address(parameters)
    limit, page, size = (_number(parameters, name) for name in ("limit", "page", "pageSize"))
    output = parameters.get("output", "text")
    if output not in ("text", "json"):
        raise BadQuery(f"output={output} is not text or json.")
    budget, after = Budget(FILTER_SECONDS), _position(parameters.get("resumeKey", ""))
    return Query(
        url,
        match_type,
        _stamp(parameters, "from", "0", FIRST),
        _stamp(parameters, "to", "9", LAST),
        limit,
        0 if after else max(0, _number(parameters, "offset") or 0),
        None if page is None else max(0, page),
        PAGE_LINES * min(max(1, size or 1), MOST_PAGE_SIZE),
        after,
        [_field(name) for name in parameters.get("fl", "").split(",") if name] or [*FIELDS],
        [_keeps(text, budget) for text in parameters.getlist("filter") if text],
        _collapse(parameters.get("collapse", "")),
        output == "json",
        parameters.get("showResumeKey", "").lower() == "true",
    )


def _address(parameters: QueryParams) -> tuple[str, MatchType]:
    url, named = parameters.get("url", "").strip(), parameters.get("matchType", "")
    if not url:
        raise BadQuery("The parameter url is missing.")
    match_type = next((one for one in MATCH_TYPES if one == named), None)
    if named and match_type is None:
        raise BadQuery(f"matchType={named} is not one of {', '.join(MATCH_TYPES)}.")
    if match_type is None and url.startswith("*."):
        return url[2:], "domain"
    if match_type in (None, "prefix") and url.endswith("*"):
        return url[:-1], "prefix"
    return url.removeprefix("*."), match_type or "exact"


def _number(parameters: QueryParams, name: str) -> int | None:
    text = parameters.get(name, "")
    if text and not NUMBER.fullmatch(text):
        raise BadQuery(f"{name}={text} is not a number.")
    return int(text) if text else None


def _stamp(parameters: QueryParams, name: str, rest: str, default: int) -> int:
    text = parameters.get(name, "")
    digits = text.replace("-", "")
    if text and not STAMP.fullmatch(digits):
        raise BadQuery(f"{name}={text} is not a timestamp of 4 to 14 digits, such as 2022 or 20220712.")
    return int(digits.ljust(14, rest)) if text else default


def _position(text: str) -> Position | None:
    if not text:
        return None
    try:
        key, stamp, number = text.rsplit(" ", 2)
        position = Position(key, int(stamp), int(number))
    except ValueError:
        raise BadQuery(f"resumeKey={text} is not one of this server.") from None
    if max(position[1:]) >> 63 or min(position[1:]) < 0:
        raise BadQuery(f"resumeKey={text} is not one of this server.")
    return position


def _field(name: str) -> str:
    if PYWB.get(name, name) not in FIELDS:
        raise BadQuery(f"{name} is not one of the fields {', '.join((*FIELDS, *PYWB))}.")
    return name


def _value_of(name: str) -> Callable[[IndexedCapture], str]:
    return FIELDS[PYWB.get(_field(name), name)]


class Budget:
    """The seconds that the patterns of one query may still take."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    def match(self, pattern: regex.Pattern[str], text: str, *, is_whole: bool) -> bool:
        """Return whether a text matches, as a whole or from its beginning. Raises TimeoutError."""
        started = time.perf_counter()
        found = (pattern.fullmatch if is_whole else pattern.match)(text, timeout=max(self._left, 0.001))
        self._left -= time.perf_counter() - started
        return found is not None


def _keeps(text: str, budget: Budget) -> Callable[[IndexedCapture], bool]:
    """Return the test of a filter, `[!]field:expression`.

    With the Wayback Machine's name of a field, the expression is a pattern of the whole value, or with `~` a part of
    it. With pywb's name, it is a part, with `=` the whole value, with `~` a pattern of its beginning.
    """
    match = FILTER.fullmatch(text)
    if match is None:
        raise BadQuery(f"filter={text} has not the form [!]field:expression.")
    value_of, wanted, sign = _value_of(match["field"]), match["value"], match["sign"]
    is_wanted, sign = "!" not in sign, sign.replace("!", "")
    if sign == "=":
        return lambda one: (value_of(one) == wanted) is is_wanted
    is_whole = match["field"] not in PYWB
    if is_whole == (sign == "~"):
        return lambda one: (wanted in value_of(one)) is is_wanted
    try:
        pattern = regex.compile(wanted)
    except regex.error as error:
        raise BadQuery(f"filter={text} is not a regular expression: {error}.") from None
    return lambda one: budget.match(pattern, value_of(one), is_whole=is_whole) is is_wanted


def _collapse(text: str) -> Callable[[IndexedCapture], str] | None:
    if not text:
        return None
    name, colon, size = text.partition(":")
    if colon and not (size.isascii() and size.isdigit() and len(size) < 5):
        raise BadQuery(f"collapse={text} has not the form field or field:characters.")
    value_of, end = _value_of(name), int(size) if colon else None
    return lambda one: value_of(one)[:end]


def _pages(room: Room, query: Query) -> int:
    with room.reading() as connection:
        lines = count(connection, query.url, query.match_type, query.since, query.until)
    return -(-lines // query.page_lines)


def _captures(database: Path, query: Query) -> Iterator[IndexedCapture]:
    """Yield the captures of a query, and one more than its limit if there are more."""
    place = (query.url, query.match_type, query.since, query.until)
    with closing(connect(database)) as connection:
        if query.page is not None:
            after = last_of(connection, *place, query.page * query.page_lines)
            found = find(connection, *place, query.page_lines, after=after)
        else:
            is_from_end = query.limit is not None and query.limit < 0
            found = find(connection, *place, after=query.after, is_reversed=is_from_end)
        kept: Iterable[IndexedCapture] = (one for one in found if all(keep(one) for keep in query.keeps))
        if query.collapse is not None:
            kept = (next(same) for _, same in groupby(kept, query.collapse))
        if query.limit is not None and query.limit < 0:
            kept = reversed([*islice(kept, query.skip, query.skip + min(-query.limit, MOST_LAST))])
            yield from kept
        else:
            yield from islice(kept, query.skip, None if query.limit is None else query.skip + query.limit + 1)


def _values(database: Path, query: Query) -> Iterator[list[str] | str]:
    """Yield the values of each line, then the key to resume, if there are more lines than the limit."""
    values = [_value_of(name) for name in query.fields]
    last: IndexedCapture | None = None
    for number, one in enumerate(_captures(database, query)):
        if number == query.limit:
            if query.has_resume_key and last is not None:
                yield f"{last.surt} {last.timestamp} {last.number}"
            return
        yield [value(one) for value in values]
        last = one


def _text_lines(database: Path, query: Query) -> Generator[str]:
    for values in _values(database, query):
        yield f"\n{values}\n" if isinstance(values, str) else " ".join(value or "-" for value in values) + "\n"


def _json_lines(database: Path, query: Query) -> Generator[str]:
    between = "["
    for values in _values(database, query):
        if between == "[":
            yield f"[{json.dumps(query.fields)}"
            between = ",\n"
        yield between + (f"[],\n{json.dumps([values])}" if isinstance(values, str) else json.dumps(values))
    yield "[]\n" if between == "[" else "]\n"


def _batches(lines: Generator[str]) -> Iterator[str]:
    with closing(lines):
        while batch := "".join(islice(lines, BATCH)):
            yield batch
