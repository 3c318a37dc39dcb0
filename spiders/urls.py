"""Any addresses: those in a file, one a line."""

from crawler.crawl.spider import NewsSpider
from crawler.model.addresses import decoded, is_web_address, read_lines
from crawler.model.failures import CRAWL_ENDS
from crawler.model.listing import GIVEN, Listing
from crawler.model.span import BadArgument


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
        # Why an address was not fetched. Those that a stopped crawl never requests keep this reason.
        self.failed = dict.fromkeys(self.start_addresses(), CRAWL_ENDS)
        if not self.failed:
            raise BadArgument(f"{file} holds no web address.")

    def start_addresses(self):
        return list(filter(is_web_address, self.addresses.values()))

    async def start(self):
        for number, address in enumerate(self.addresses.values()):
            if is_web_address(address):
                self.crawler.stats.inc_value("khobor/listed")
                self.crawler.stats.inc_value("khobor/requested")
                request = self.discovery.article_request(Listing(address))
                url = self.article_pages.outlet_of(address).address_of_text(address)
                yield request.replace(url=url, priority=-number, meta={**request.meta, "given": address})
            else:
                self.crawler.stats.inc_value("khobor/lines/bad")

    def failures(self):
        """Return why addresses were not fetched, in the order of their lines."""
        bad = {address: "no-web-address" for address in self.addresses.values() if not is_web_address(address)}
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
