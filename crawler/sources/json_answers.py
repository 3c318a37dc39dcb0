"""What an interface answers in JSON: where its list stands, and whether it says that it has failed."""

from __future__ import annotations

import json
from typing import Any

from crawler.sources.base import BrokenSource, NothingMore, is_html

# Keys under which an interface says what went wrong.
COMPLAINTS = ("error", "errors")
# What it says then of its status.
FAILED = ("error", "fail", "failed")
# Where it may tell a code as HTTP has them, and those that say more than that there is no such day or page.
CODES = ("status", "statusCode", "code")
FAULTS = frozenset(map(str, range(400, 600))) - {"404", "410"}


def document(body: bytes) -> Any:
    """Return what an answer holds. Raises BrokenSource."""
    if is_html(body):
        raise BrokenSource("it answered with an HTML page instead of JSON")
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BrokenSource("it answered with something that is no JSON") from error


def list_at(answer: Any, path: str) -> list[Any]:
    """Return the list at a path; what is empty there or ends the way to it is one of nothing. Raises BrokenSource."""
    *way, found = _way(answer, path, absent="")
    if found and isinstance(found, list):
        return found
    complains = any(map(_complains, way))
    # An object that has nothing at all, not even what leads to the list, is no answer of an interface with a list.
    last = way[-1] if found == "" and way != [{}] else found
    if _is_nothing(last) and not complains and not _has_failed(answer):
        return []
    is_empty = not found and (isinstance(answer, dict) or not answer)
    # After the last page an empty list says enough, whatever stands beside it.
    fault = NothingMore if is_empty and (found == [] or not complains) else BrokenSource
    raise fault(f"it answered with JSON that has no list at {path!r}")


def _is_nothing(value: Any) -> bool:
    # PHP writes an object without keys as a list, and what it has not found as false.
    return value is None or value is False or value in ([], {})


def _complains(part: Any) -> bool:
    return isinstance(part, dict) and (part.get("status") in FAILED or any(map(part.get, COMPLAINTS)))


def _has_failed(answer: Any) -> bool:
    """Tell whether an interface says no more than that it failed: some do so after the last page."""
    if not isinstance(answer, dict):
        return False
    status, is_well = answer.get("status"), (answer.get("success"), answer.get("ok"))
    is_fault = any(str(answer.get(name)) in FAULTS for name in CODES)
    return False in is_well or status is False or status == "failure" or is_fault


def at(value: Any, path: str, absent: Any = None) -> Any:
    """Return what stands at a path, None when null does, there or on the way, and `absent` when nothing does."""
    return _way(value, path, absent)[-1]


def _way(value: Any, path: str, absent: Any) -> list[Any]:
    """Return what stands on the way to a path, and last what `at` returns."""
    way = [value]
    for name in path.split(".") if path else ():
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return [*way, None if value is None else absent]
        way.append(value)
    return way
