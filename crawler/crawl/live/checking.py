"""Check outlets on the live web: fetch a listing and an article of each as a crawl does, and extract the article."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import NamedTuple

from scrapy import Request
from scrapy.settings import Settings
from scrapy.utils.asyncio import run_in_thread
from sqlalchemy.exc import SQLAlchemyError

from crawler.crawl.discovery.listed_page import list_request
from crawler.crawl.extraction_pool import ExtractionPool
from crawler.crawl.given_pages import reason_and_message
from crawler.crawl.live.checks import LiveCheck
from crawler.crawl.politeness.refusals import REASONS
from crawler.crawl.preflight import Project, check_own_addresses
from crawler.crawl.settings import Extraction
from crawler.crawl.spider import NewsSpider
from crawler.crawl.unrecorded import EXTENSIONS, Answer, Fetch, fetching
from crawler.model.article import Article
from crawler.model.exit_codes import FAILED, REFUSED, UNHEALTHY, BrokenOutlet, Refused
from crawler.model.failures import SILENT
from crawler.model.listing import Listing, Page
from crawler.outlets.loader import account_of, is_of_an_outlet, own_code
from crawler.outlets.sources import BrokenSource, Visit, read
from crawler.state import State
from crawler.state.standings import Standing, Standings
from crawler.system import clock
from crawler.system.terminal import Interrupted

logger = logging.getLogger(__name__)

# Failures by which an outlet says that it does not want the request.
UNWANTED = REASONS | {"robots", "host-asks-to-wait"}


class Target(NamedTuple):
    """An outlet's spider, the first visit to its national listing, and the check."""

    spider: NewsSpider
    visit: Visit
    check: LiveCheck


def check_live(
    project: Project, names: Iterable[str], settings: Settings, on_done: Callable[[], None], requests_paused: bool
) -> list[LiveCheck]:
    """Return the checks of outlets in their order; `on_done` is called after each that is requested.

    Outlets that updates leave alone are requested only if `requests_paused`. Starts and ends the reactor, so once a
    process. Raises Refused, Interrupted, OSError, SQLAlchemyError.
    """
    checks = [LiveCheck(name, clock.now()) for name in names]
    targets = [target for check in checks if (target := _target(project, check)) is not None]
    project.deployment.spool.mkdir(parents=True, exist_ok=True)
    with closing(State(project.deployment.state_url)) as state:
        state.sync()
        standings = Standings(state.engine).of([target.check.outlet for target in targets])
    if not requests_paused:
        targets = [target for target in targets if not _is_paused(target.check, standings)]
    # State only for the turns of hosts, which the crawls of other processes take too.
    extensions = {**EXTENSIONS, "crawler.crawl.memory.Memory": 10}
    codes, addresses = settings.getlist("RETRY_HTTP_CODES"), [target.visit.url for target in targets]
    if targets:
        with closing(Extraction.from_settings(settings).pool()) as pool:
            work = partial(_check_all, targets, pool, settings.getint("CONCURRENT_REQUESTS"), on_done)
            failures = fetching(settings, addresses, work, EXTENSIONS=extensions, RETRY_HTTP_CODES=codes)
        if len(targets) > 1 and SILENT.issuperset(failures):
            sentence = f"not one host of {len(targets)} outlets has answered"
            raise Refused(f"{sentence}: look at this machine's network and its name servers", FAILED)
    return checks


def _target(project: Project, check: LiveCheck) -> Target | None:
    """Return the target of a check; None with a problem noted if the outlet can't be used. Raises Refused."""
    try:
        spider = project.make_spider(check.outlet, {})
        with own_code(type(spider), check.outlet):
            sources = [source.at(spider.home) for source in spider.sources()]
            source = next((source for source in sources if source.national), sources[0])
            visit: Visit = next(source.visits(spider.span))
        check_own_addresses(project.access, spider, [visit.url])
    except BrokenOutlet as error:
        check.failed(str(error))
        return None
    check.listing = visit.url
    return Target(spider, visit, check)


def _is_paused(check: LiveCheck, standings: Mapping[str, Standing]) -> bool:
    standing = standings.get(check.outlet)
    if standing is None or not standing.is_waiting(check.at):
        return False
    pause = f"paused until {standing.refused_until:%Y-%m-%d %H:%M} UTC ({standing.reason}); not requested"
    check.failed(pause, REFUSED)
    return True


async def _check_all(
    targets: Sequence[Target], pool: ExtractionPool, most: int, on_done: Callable[[], None], fetch: Fetch
) -> set[str | None]:
    """Check `most` outlets at a time; return the failures of their requests. Raises SQLAlchemyError."""
    limit, failures = asyncio.Semaphore(most), set[str | None]()

    async def fetched(request: Request) -> Answer:
        answer = await fetch(request)
        failures.add(answer.failure)
        if reason := answer.refusal or answer.failure:
            raise Refused(f"{reason} at {answer.url}", _code_of(reason))
        return answer

    async def checked(target: Target) -> None:
        try:
            async with limit:
                target.check.read(await _article(target, pool, fetched))
        except Interrupted:
            raise
        except BaseException as error:
            if is_of_an_outlet(error):
                target.check.failed(f"its own code fails: {account_of(error)}")
            elif isinstance(error, Refused):
                target.check.failed(str(error), error.exit_code)
            elif isinstance(error, SQLAlchemyError) or not isinstance(error, Exception):
                raise
            else:
                logger.exception("%s can't be checked", target.check.outlet)
        finally:
            on_done()

    await asyncio.gather(*map(checked, targets))
    return failures


def _code_of(reason: str) -> int:
    return REFUSED if reason in UNWANTED else UNHEALTHY


async def _article(target: Target, pool: ExtractionPool, fetch: Callable[[Request], Awaitable[Answer]]) -> Article:
    """Return the first article of a listing. Raises Refused with the problem, as `fetch` does."""
    spider, visit, check = target
    listing = await _listed(target, await fetch(list_request(visit)))
    check.article = listing.url
    answer = await fetch(Request(spider.address_of_text(listing.url)))
    if spider.article_pages.leads_away(listing, answer.url):
        raise Refused(f"redirected-away to {answer.url}: {listing.url}", UNHEALTHY)
    kind, status = answer.content_type, answer.status
    page = Page(spider.name, answer.url, answer.body, content_type=kind, http_status=status, listing=listing)
    extraction = asyncio.wrap_future(pool.submit(page, type(spider)))
    await asyncio.wait([extraction])
    if error := extraction.exception():
        reason, message = reason_and_message(error)
        raise Refused(f"the article can't be read: {message} ({reason}): {listing.url}", _code_of(reason))
    return extraction.result()


async def _listed(target: Target, answer: Answer) -> Listing:
    """Return the first national article of a listing. Raises Refused without one."""
    check, spider = target.check, target.spider
    try:
        content = (answer.body, answer.url, answer.content_type, answer.headers)
        reading = await run_in_thread(read, target.visit, *content)
    except BrokenSource as error:
        raise Refused(f"the listing can't be used: {error}: {answer.url}", UNHEALTHY) from error
    keys = {key for listing in reading.listings if (key := spider.key_of(listing.url)) is not None}
    check.links, check.matched = len(reading.listings), len(keys)
    if wanted := spider.assignment.selection().articles(reading.listings):
        return next(iter(wanted.values()))
    if keys:
        raise Refused(f"none of {len(keys)} listed articles is national news: {answer.url}", UNHEALTHY)
    raise Refused(f"none of {check.links} links has the address of an article: {answer.url}", UNHEALTHY)
