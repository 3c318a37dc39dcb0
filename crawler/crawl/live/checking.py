"""Check outlets on the live web: their addresses, one crawl of all of them, then the extraction of the articles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.crawl.given_pages import reason_and_message
from crawler.crawl.live.checks import LiveCheck
from crawler.crawl.live.spider import LiveSpider, Target
from crawler.crawl.preflight import Project, check_addresses
from crawler.crawl.settings import Deployment, Extraction
from crawler.model.exit_codes import FAILED, BrokenOutlet, Refused
from crawler.outlets.sources import Visit
from crawler.state import State
from crawler.state.standings import Standing, Standings
from crawler.system.terminal import Interrupted

_HANDLER = "crawler.crawl.live.spider.TurnTakingDownloadHandler"
# State only for the turns of hosts, which the crawls of other processes take too.
_OVERRIDES: dict[str, Any] = {
    "EXTENSIONS": {
        "crawler.crawl.ending.Ending": 5,
        "crawler.crawl.memory.Memory": 10,
        "crawler.crawl.politeness.turns.Turns": 30,
    },
    "ITEM_PIPELINES": {},
    "DOWNLOAD_HANDLERS": {"http": _HANDLER, "https": _HANDLER},
    # The command reports each problem in one line; -L logs more.
    "LOG_LEVEL": "CRITICAL",
}
# Compares with the archive, which a check does not read.
_CONDITIONAL = "crawler.crawl.revisits.conditional.ConditionalGet"
SIGINT_EXIT = 130


def check_live(
    project: Project, names: Iterable[str], settings: Settings, on_done: Callable[[], None], requests_paused: bool
) -> list[LiveCheck]:
    """Return the checks of outlets in their order; `on_done` is called after each that is requested.

    Outlets that updates leave alone are requested only if `requests_paused`. Starts and ends the reactor, so once a
    process. Raises Refused if no host of several outlets answers, or for a setting; Interrupted, OSError,
    SQLAlchemyError.
    """
    checks = [LiveCheck(name, datetime.now(UTC)) for name in names]
    targets = [target for check in checks if (target := _target(project, check)) is not None]
    check_addresses(project.access, [target.visit.url for target in targets])
    standings = _standings(project.deployment, [target.check.outlet for target in targets])
    if not requests_paused:
        targets = [target for target in targets if not _is_paused(target.check, standings)]
    if targets:
        _crawl(targets, settings, on_done)
        _extract(targets, settings)
    return checks


def _target(project: Project, check: LiveCheck) -> Target | None:
    """Return the target of a check; None with a problem noted if the outlet can't be used."""
    try:
        spider = project.make_spider(check.outlet, {})
        sources = [source.at(spider.home) for source in spider.sources()]
        source = next((source for source in sources if source.national), sources[0])
        visit: Visit = next(source.visits(spider.span))
    except BrokenOutlet as error:
        check.broke(str(error))
        return None
    check.listing = visit.url
    return Target(spider, visit, check)


def _standings(deployment: Deployment, names: Sequence[str]) -> dict[str, Standing]:
    """Return the standings of refusals. Raises OSError or SQLAlchemyError if state can't be written."""
    deployment.spool.mkdir(parents=True, exist_ok=True)
    with closing(State(deployment.state_url)) as state:
        state.sync()
        return Standings(state.engine).of(names)


def _is_paused(check: LiveCheck, standings: Mapping[str, Standing]) -> bool:
    """Return whether updates leave an outlet alone, and note it."""
    standing = standings.get(check.outlet)
    if standing is None or not standing.is_waiting(check.at):
        return False
    check.refused(f"paused until {standing.refused_until:%Y-%m-%d %H:%M} UTC ({standing.reason}); not requested")
    return True


def _crawl(targets: Sequence[Target], settings: Settings, on_done: Callable[[], None]) -> None:
    middlewares = {**settings.getdict("DOWNLOADER_MIDDLEWARES"), _CONDITIONAL: None}
    for name, value in {**_OVERRIDES, "DOWNLOADER_MIDDLEWARES": middlewares}.items():
        settings.set(name, value, priority="spider")
    errors: list[BaseException] = []
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(LiveSpider)
    process.crawl(crawler, targets=targets, on_done=on_done, errors=errors)
    process.start()
    if process.bootstrap_failed:
        raise Refused("the check could not start: see the log with -L ERROR", FAILED)
    if errors:
        raise errors[0]
    assert crawler.stats is not None
    if crawler.stats.get_value("finish_reason") != "finished":
        raise Interrupted(SIGINT_EXIT)
    is_silent = all(target.check.result == "broke" for target in targets)
    if len(targets) > 1 and is_silent and not crawler.stats.get_value("downloader/response_count"):
        sentence = f"not one host of {len(targets)} outlets has answered"
        raise Refused(f"{sentence}: look at this machine's network and its name servers", FAILED)


def _extract(targets: Sequence[Target], settings: Settings) -> None:
    with closing(Extraction.from_settings(settings).pool()) as pool:
        begun = [(one, pool.submit(one.page, type(one.spider))) for one in targets if one.page is not None]
        for target, future in begun:
            if (error := future.exception()) is None:
                target.check.read(future.result())
                continue
            reason, message = reason_and_message(error)
            judge = target.check.refused if reason == "challenge" else target.check.broke
            judge(f"the article can't be read: {message} ({reason}): {target.check.article}")
