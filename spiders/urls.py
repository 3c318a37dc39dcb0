"""Any addresses: those in a file, one a line."""

from scrapy import signals
from scrapy.exceptions import IgnoreRequest

from crawler.crawl.spider import NewsSpider
from crawler.model.addresses import decoded, is_web_address, read_lines
from crawler.model.exit_codes import BrokenOutlet
from crawler.model.failures import CRAWL_ENDS, reason_of
from crawler.model.listing import GIVEN, Listing
from crawler.model.span import BadArgument
from crawler.outlets.loader import own_code

# Why a line is not fetched.
NO_ADDRESS = "no-web-address"
# Addresses that are looked up in state and then requested at a time: more than crawls have under way.
LOOKED_UP = 200


class UrlsSpider(NewsSpider):
    """Archives and extracts the addresses in a file, each of them, known or not."""

    name = GIVEN

    def __init__(self, file=None, lines=None, **unknown):
        if unknown:
            raise BadArgument(f"urls has no argument {next(iter(unknown))}, only file.")
        super().__init__(scope="all")
        lines = read_lines(file) if lines is None else lines
        self.arguments = {"lines": lines}
        self.addresses = {line: decoded(line) for line in lines}
        self._named = set()
        # Why an address was not fetched. Those that a stopped crawl never requests keep this reason.
        self.failed = dict.fromkeys(self.start_addresses(), CRAWL_ENDS)
        if not self.failed:
            raise BadArgument(f"{file} holds no web address.")

    def start_addresses(self):
        return list(filter(is_web_address, self.addresses.values()))

    async def start(self):
        addresses = self.start_addresses()
        if bad := len(self.addresses) - len(addresses):
            self.crawler.stats.inc_value(f"khobor/failed/{NO_ADDRESS}", bad)
        for begin in range(0, len(addresses), LOOKED_UP):
            requests = list(self._requests(addresses[begin : begin + LOOKED_UP], begin))
            await self.mark_new(requests)
            for request in requests:
                self.crawler.stats.inc_value("khobor/listed")
                self.crawler.stats.inc_value("khobor/requested")
                yield request
            if requests and begin + LOOKED_UP < len(addresses):
                # Scrapy's queue takes longer for each request the more priorities it holds.
                await self.crawler.signals.wait_for(signals.scheduler_empty)

    def _requests(self, addresses, first):
        for number, address in enumerate(addresses, first):
            try:
                yield self._request(address, number)
            except BrokenOutlet as error:
                self._refuse(address, error)

    def _request(self, address, number):
        outlet = self.article_pages.outlet_of_given(address)
        request = self.discovery.article_request(Listing(address))
        with own_code(outlet, outlet.name):
            url = outlet.address_of_text(address)
            return request.replace(url=url, priority=-number, meta={**request.meta, "given": address})

    def _refuse(self, address, error):
        """Count an address whose outlet can't be used, and name that outlet once."""
        if str(error) not in self._named:
            self._named.add(str(error))
            self.logger.error("%s", error)
        # Without a listing: what it would be noted for is a question to the outlet's own code.
        self.report("failed", reason_of(error), address)
        self.failed[address] = reason_of(error)

    def refuse_leading_away(self, request):
        super().refuse_leading_away(request)
        if "redirect_urls" in request.meta and (listing := request.meta.get("listing")):
            try:
                self.article_pages.outlet_of_given(request.url)
            except BrokenOutlet as error:
                self._refuse(listing.url, error)
                raise IgnoreRequest(str(error)) from error

    def failures(self):
        """Return why addresses were not fetched, in the order of their lines."""
        bad = {address: NO_ADDRESS for address in self.addresses.values() if not is_web_address(address)}
        reasons = self.failed | bad
        return {
            line.decode(errors="backslashreplace"): reasons[address]
            for line, address in self.addresses.items()
            if address in reasons
        }

    def parse_article(self, response):
        self.failed.pop(response.meta["listing"].url, None)
        return super().parse_article(response)

    def report(self, outcome, reason, url, listing=None):
        super().report(outcome, reason, url, listing)
        if listing is not None:
            self.failed.pop(listing.url, None)
            if outcome == "failed":
                self.failed[listing.url] = reason
