"""Withdrawing: articles of the archive for which the site answers that they are gone, and those that are back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.archive.withdrawals import RETURNED, WITHDRAWN, Withdrawal
from crawler.crawl.memory import Memory
from crawler.crawl.spider import NewsSpider
from crawler.model.article import article_id
from crawler.model.span import rfc3339
from crawler.outlets.outlet import Outlet
from crawler.state.withdrawn import WithdrawnArticles
from crawler.system import clock

# Not found, gone, and withheld by law.
GONE = frozenset({404, 410, 451})


class Withdrawing:
    """Notes the answers for articles during a run; `settle` writes them to state once the records are durable.

    `withdrawn` are the articles, by outlet and key, that earlier runs found gone.
    """

    def __init__(self, crawler: Crawler, spider: NewsSpider, withdrawn: set[tuple[str, str]]) -> None:
        self._state = Memory.of(crawler).state
        self._articles = WithdrawnArticles(self._state.engine)
        self._pages = spider.article_pages
        # By outlet and key: the outlet of the address, the status of the answer, and its time.
        self._gone: dict[tuple[str, str], tuple[Outlet | type[Outlet], int, datetime]] = {}
        self._withdrawn = withdrawn
        self._returned: set[tuple[str, str]] = set()
        crawler.signals.connect(self.response_received, signals.response_received)

    def response_received(self, response: Response, request: Request) -> None:
        listing = request.meta.get("listing")
        if listing is None:
            return
        outlet = self._pages.outlet_of(response.url, listing.url)
        listed = (outlet.name, request.meta.get("revisit") or outlet.listed_key(listing.url))
        places = {listed, (outlet.name, outlet.listed_key(response.url))}
        if response.status in GONE:
            self._gone |= dict.fromkeys(places, (outlet, response.status, clock.now()))
            self._returned -= places
        elif response.status == 200:
            for place in places:
                self._gone.pop(place, None)
            self._returned |= places & self._withdrawn

    def settle(self) -> dict[str, Any]:
        """Write the withdrawn articles of this run to state; return the facts for its run file.

        Raises SQLAlchemyError.
        """
        found = self._articles.add(list(self._known()))
        returned = self._articles.remove(self._returned)
        without = [{name: getattr(one, name) for name in ("id", "outlet", "key", "url")} for one in returned]
        return {WITHDRAWN: [one._asdict() for one in found], RETURNED: without}

    def _known(self) -> Iterator[Withdrawal]:
        """Yield the articles that are gone and have a row."""
        for name, places in groupby(sorted(self._gone), key=itemgetter(0)):
            for entry in self._state.entries(name, [key for _, key in places]):
                outlet, status, at = self._gone[name, entry.key]
                # An address that led to the article says nothing about its own. A key may be a whole address.
                own_key = outlet.key_of(entry.url) or (entry.url if "://" in entry.key else entry.key)
                if entry.version and entry.key == own_key:
                    yield Withdrawal(article_id(name, entry.key), name, entry.key, entry.url, status, rfc3339(at))
