"""Which responses of an outlet are pages of articles, fetched and stored ones alike, without a spider."""

from __future__ import annotations

from scrapy.http import HtmlResponse, Response
from scrapy.settings import BaseSettings

from crawler.crawl.discovery.listed_page import content_type
from crawler.model.addresses import is_front_page, is_within
from crawler.model.exit_codes import BrokenOutlet
from crawler.model.listing import GIVEN, Listing, Page
from crawler.outlets.loader import Outlets
from crawler.outlets.outlet import Outlet
from crawler.outlets.sources.base import is_html


class ArticlePages:
    """The pages of an outlet; among addresses given by hand, each is of its own outlet."""

    def __init__(self, outlet: Outlet | type[Outlet], settings: BaseSettings) -> None:
        self._outlet = outlet
        self._others = Outlets.from_settings(settings) if outlet.name == GIVEN else None

    def outlet_of(self, *urls: str) -> Outlet | type[Outlet]:
        """Return the outlet whose article has one of these addresses."""
        if self._others is None:
            return self._outlet
        return next((outlet for url in urls if (outlet := self._others.of(url))), self._outlet)

    def outlet_of_given(self, url: str) -> Outlet | type[Outlet]:
        """Return the outlet of an address given by hand.

        Raises BrokenOutlet if it may be that of an outlet that can't be used: the article would get another ID.
        """
        outlet = self.outlet_of(url)
        if outlet is self._outlet and self._others and self._others.broken:
            raise BrokenOutlet(*next(iter(self._others.broken.items())))
        return outlet

    def key_of(self, url: str) -> str | None:
        """Return the article key in an address, None if it is no article's."""
        return self.outlet_of(url).key_of(url)

    def refusal_of(self, response: Response, listing: Listing) -> tuple[str, str] | None:
        """Return why a response is no article's page, as outcome ("failed" or "rejected") and reason."""
        if response.status != 200:
            return "failed", f"http-{response.status}"
        if self.leads_away(listing, response.url):
            return "rejected", "redirected-away"
        if not response.body.strip():
            return "failed", "empty-body"
        is_page = isinstance(response, HtmlResponse) or is_html(response.body)
        return None if is_page or self.outlet_of(listing.url).interface else ("rejected", "not-html")

    def leads_away(self, listing: Listing, url: str) -> bool:
        """Return whether a listed address ended on a front page or on another outlet's site."""
        if is_front_page(url) and not is_front_page(listing.url):
            return True
        domains = self._outlet.allowed_domains
        return bool(domains) and not is_within(url, domains)

    def page(self, response: Response, listing: Listing) -> Page:
        """Return the page of a response, with the key of the address where it ended, else of the listed one."""
        outlet = self.outlet_of(response.url, listing.url)
        listed_key = outlet.key_of(listing.url)
        key = outlet.key_of(response.url) or listed_key
        listed = listed_key or listing.url
        return Page(
            outlet=outlet.name,
            url=response.url,
            body=response.body,
            key=key,
            aliases=(listed,) if listed != key else (),
            content_type=content_type(response),
            http_status=response.status,
            listing=listing,
        )
