"""Check outlets on the live web: fetch a listing and an article of each as a crawl does, then extract the articles."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from scrapy import Request
from scrapy.settings import Settings
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy.exc import SQLAlchemyError

from crawler.crawl.discovery.listed_page import list_request
from crawler.crawl.given_pages import reason_and_message
from crawler.crawl.live.checks import LiveCheck
from crawler.crawl.politeness.refusals import REASONS
from crawler.crawl.preflight import Project, check_addresses
from crawler.crawl.settings import Deployment, Extraction
from crawler.crawl.spider import NewsSpider
from crawler.crawl.unrecorded import EXTENSIONS, Answer, Fetch, fetching
from crawler.model.exit_codes import FAILED, BrokenOutlet, Refused
from crawler.model.listing import Listing, Page
from crawler.outlets.sources import BrokenSource, Visit, read
from crawler.state import State
from crawler.state.standings import Standing, Standings

logger = logging.getLogger(__name__)

# Failures by which an outlet says that it does not want the request, and those without any answer.
UNWANTED = REASONS | {"robots", "host-asks-to-wait"}
SILENT = {"no-such-host", "connection-refused", "connection-lost", "timeout"}


@dataclass(slots=True)
class Target:
    """An outlet's spider, the first visit to its national listing, and the check; `page` is the fetched article."""

    spider: NewsSpider
    visit: Visit
    check: LiveCheck
    page: Page | None = None
    failure: str | None = None


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
    limit = asyncio.Semaphore(settings.getint("CONCURRENT_REQUESTS"))

    async def check_one(target: Target, fetch: Fetch) -> None:
        try:
            async with limit:
                await _check(target, fetch)
        except Refused as error:
            target.check.refused(str(error))
        except SQLAlchemyError:
            raise
        except Exception:  # whatever an outlet's own code does wrong
            logger.exception("%s can't be checked", target.check.outlet)
        finally:
            on_done()

    async def check_all(fetch: Fetch) -> list[BaseException | None]:
        return await asyncio.gather(*(check_one(target, fetch) for target in targets), return_exceptions=True)

    # State only for the turns of hosts, which the crawls of other processes take too.
    shared = {**EXTENSIONS, "crawler.crawl.memory.Memory": 10}
    codes = settings.getlist("RETRY_HTTP_CODES")
    addresses = [target.visit.url for target in targets]
    for error in fetching(settings, addresses, check_all, EXTENSIONS=shared, RETRY_HTTP_CODES=codes):
        if error is not None:
            raise error
    if len(targets) > 1 and all(target.failure in SILENT and target.check.links is None for target in targets):
        sentence = f"not one host of {len(targets)} outlets has answered"
        raise Refused(f"{sentence}: look at this machine's network and its name servers", FAILED)


async def _check(target: Target, fetch: Fetch) -> None:
    """Fetch a listing, then the first article that it lists."""
    spider, check = target.spider, target.check
    answer = await _fetched(target, fetch, list_request(target.visit))
    listing = await _listed(target, answer) if answer else None
    if listing is None:
        return
    check.article = listing.url
    answer = await _fetched(target, fetch, Request(spider.address_of_text(listing.url)))
    if answer is not None and spider.leads_away(listing, answer.url):
        check.broke(f"redirected-away to {answer.url}: {listing.url}")
    elif answer is not None:
        kind, status = answer.content_type, answer.status
        target.page = Page(spider.name, answer.url, answer.body, content_type=kind, http_status=status, listing=listing)


async def _fetched(target: Target, fetch: Fetch, request: Request) -> Answer | None:
    """Return the answer to a request; without a page, note why and return None."""
    answer = await fetch(request)
    reason = answer.refusal or answer.failure
    if reason is None:
        return answer
    target.failure = reason
    judge = target.check.refused if reason in UNWANTED else target.check.broke
    judge(f"{reason} at {answer.url}")
    return None


async def _listed(target: Target, answer: Answer) -> Listing | None:
    """Return the first national article of a listing; without one, note the problem and return None."""
    check, spider = target.check, target.spider
    try:
        content = (answer.body, answer.url, answer.content_type, answer.headers)
        reading = await run_in_thread(read, target.visit, *content)
    except BrokenSource as error:
        check.broke(f"the listing can't be used: {error}: {answer.url}")
        return None
    keys = {key for listing in reading.listings if (key := spider.key_of(listing.url)) is not None}
    check.links, check.matched = len(reading.listings), len(keys)
    wanted = spider.assignment.selection().articles(reading.listings)
    if wanted:
        return next(iter(wanted.values()))
    if keys:
        check.broke(f"none of {len(keys)} listed articles is national news: {answer.url}")
    else:
        check.broke(f"none of {check.links} links has the address of an article: {answer.url}")
    return None


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
