"""Tables of the results, and docs/evaluation.md, which holds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from evaluate.page import LAYOUTS
from evaluate.peers import ROOT
from evaluate.summary import COLUMNS, Verdicts, row, shares, table

PAGE = ROOT / "docs" / "evaluation.md"
TEXT = Path(__file__).with_name("evaluation.md.txt")
# Columns for which an extractor has no answer.
UNANSWERED = {
    "trafilatura": ("agency",),
    "newspaper4k": ("section", "agency"),
    "news-please": ("section", "agency"),
    "readability-lxml": ("date", "day only", "no date", "wrong date", "author", "section", "agency"),
}
Runs = Mapping[str, Verdicts]


def overall(runs: Runs) -> str:
    """Return the table of all extractors."""
    rows = []
    for name, verdicts in runs.items():
        scores = [score for each in verdicts.values() for score in each]
        rows.append([name, *row(scores, without=UNANSWERED.get(name, ()))])
    return table(["extractor", *COLUMNS], rows)


def losses(verdicts: Verdicts) -> str:
    """Return the table of the layouts on which khobor is not always right, "" if there are none."""
    rows = []
    for name, scores in verdicts.items():
        part = shares(scores)
        if min(part.values()) < 1:
            rows.append([name, *("" if share == 1 else f"{100 * share:.0f} %" for share in part.values())])
    keys = ("found", "clean", "¶ F1", "letters", "title", "date", "author", "section", "agency")
    return table(["layout", *keys], rows) if rows else ""


def by_layout(runs: Runs) -> str:
    """Return paragraph F1 of every extractor on every layout."""
    rows = [
        [name, *(f"{shares(verdicts[name])['f1']:.2f}" if name in verdicts else "" for verdicts in runs.values())]
        for name in LAYOUTS
    ]
    return table(["layout", *runs], rows)


def write(parts: Mapping[str, str]) -> None:
    """Rewrite the page; keep the parts that this run did not measure."""
    old = PAGE.read_text("utf-8") if PAGE.exists() else ""
    text = TEXT.read_text("utf-8").replace("{layouts}", str(len(LAYOUTS)))
    for name in re.findall(r"<!-- (\w+) -->", text):
        kept = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", old, re.S)
        filling = parts.get(name) or (kept[1] if kept else "Not measured: the articles are missing.")
        text = text.replace(f"<!-- {name} -->", f"<!-- {name} -->\n{filling}\n<!-- end -->")
    PAGE.write_text(text, "utf-8")


def part(articles: int, runs: Runs) -> str:
    """Return the page's part on one collection of gold."""
    lost = losses(runs["khobor"])
    lines = [
        f"{articles} articles, {sum(map(len, runs['khobor'].values()))} pages.",
        overall(runs),
        f"Layouts on which `khobor` is not always right (an empty cell: always right):\n\n{lost}"
        if lost
        else "`khobor` is right on every layout.",
        f"<details><summary>Paragraph F1 by layout</summary>\n\n{by_layout(runs)}\n\n</details>",
    ]
    return "\n\n".join(lines)
