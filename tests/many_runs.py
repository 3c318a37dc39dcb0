"""An archive of very many small runs, as months of updates leave it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from verify_tools import PAGE, STARTED, Run, answer, row_of

SITE = "https://samakal.com"
MINUTES = 2
# Of ten runs one archives nothing, five find news.
RUNS, BARE, WITH_NEWS = 10, 9, 5


def make_runs(root: Path, files: int) -> int:
    """Make runs of an outlet until they have left so many files; return how many there are.

    A run of news leaves a WARC, its index, rows, a run file and a manifest; one that met only its feed, which had not
    changed, no rows; one that archived nothing only a run file.
    """
    made = number = 0
    feed = None
    while made < files:
        moment = number * MINUTES * 60
        run = Run(root, started=STARTED + timedelta(seconds=moment))
        if number % RUNS != BARE:
            status = b"304 Not Modified" if feed and number % 2 else b"200 OK"
            (capture,) = run.keep(answer(f"{SITE}/feed", status=status, moment=moment, original=feed))
            feed = feed or capture.original
            made += 3
        if number % RUNS < WITH_NEWS:
            _keep_news(run, number, moment)
            made += 1
        run.end()
        made += 1
        number += 1
    return made


def _keep_news(run: Run, number: int, moment: int) -> None:
    for count in (1, 2):
        page = PAGE + f"<!-- {number} {count} -->".encode()
        (capture,) = run.keep(answer(f"{SITE}/a/article/{number}-{count}", page, moment=moment + count))
        run.rows(row_of(capture, f"{number}-{count}")[0])
