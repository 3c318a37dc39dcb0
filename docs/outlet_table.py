"""Write docs/outlets.md, the table of the outlets, from their declarations.

`python docs/outlet_table.py` rewrites the page; with `--check` it exits 1 when the page is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scrapy.settings import Settings  # noqa: E402

from crawler.outlets.loader import Outlets  # noqa: E402
from crawler.outlets.outlet import Outlet  # noqa: E402
from crawler.outlets.platforms import PLATFORMS  # noqa: E402
from crawler.tools.report.overview import reach_of, sources_of  # noqa: E402

PAGE = ROOT / "docs/outlets.md"
COUNTRIES = {"BD": "Bangladesh", "IN": "India"}
ELSEWHERE = "Other countries"
COLUMNS = ("name", "outlet", "kind", "publisher", "platform", "sources", "past days since", "verified")
# A moment after every day that a source begins with.
NOW = datetime(2100, 1, 1, tzinfo=UTC)
INTRODUCTION = """# The outlets

`make outlets` writes this page from `spiders/`. [Adding outlets](adding-outlets.md) explains every declaration.

*Sources* list new articles. *Past days since* is the first day that a source by day lists. *Verified* is the month in
which the declarations were last seen to work on the live site; `unverified` ones come from public code and pages.
`scrapy outlets` shows the same with the state of each outlet.
"""


def main() -> None:
    """Rewrite or check the page."""
    parser = argparse.ArgumentParser(description="Write docs/outlets.md from the declarations of the outlets.")
    parser.add_argument("--check", action="store_true", help="exit 1 when the page is stale; write nothing")
    check = parser.parse_args().check
    loaded = Outlets.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
    written = page(outlet for outlet in loaded if outlet.name != "urls")
    if check and (not PAGE.exists() or written != PAGE.read_text("utf-8")):
        sys.exit(f"{PAGE.relative_to(ROOT)} is stale: run `make outlets`")
    if not check:
        PAGE.write_text(written, "utf-8")


def page(outlets: Iterable[type[Outlet]]) -> str:
    """Return the page: a table for each country, and a count of all."""
    groups: dict[str, list[type[Outlet]]] = {name: [] for name in (*COUNTRIES.values(), ELSEWHERE)}
    for outlet in outlets:
        groups[COUNTRIES.get(outlet.country, ELSEWHERE)].append(outlet)
    kinds = Counter(outlet.kind for group in groups.values() for outlet in group)
    counted = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    parts = [INTRODUCTION, f"{kinds.total()} outlets: {counted}.\n"]
    parts += [f"## {name}\n\n{table(group)}" for name, group in groups.items() if group]
    return "\n".join(parts)


def table(outlets: Iterable[type[Outlet]]) -> str:
    rows = [COLUMNS, ("---",) * len(COLUMNS), *map(tuple, map(cells, outlets))]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def cells(outlet: type[Outlet]) -> Iterator[str]:
    """Yield the cells of an outlet's row."""
    site = next(iter(outlet.samples)).split("/")[2]
    yield f"`{outlet.name}`"
    yield f"[{outlet.title}](https://{site}/) ({outlet.english})"
    yield outlet.kind
    yield outlet.publisher
    yield ", ".join(platform.__name__ for platform in PLATFORMS if issubclass(outlet, platform))
    yield sources_of(outlet)
    yield reach_of(outlet, NOW)
    yield outlet.verified


if __name__ == "__main__":
    main()
