"""Any addresses: those in a file, one a line."""

from crawler.crawl.spider import NewsSpider
from crawler.model.addresses import decoded, is_web_address, read_lines
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
        # Why an address was not fetched, by the line that has it.
        self.failed = {}
        if not self.start_addresses():
            raise BadArgument(f"{file} holds no web address.")

    def start_addresses(self):
        return list(filter(is_web_address, self.addresses.values()))

    async def start(self):
        for number, (line, address) in enumerate(self.addresses.items()):
            if is_web_address(address):
                self.crawler.stats.inc_value("khobor/listed")
                self.crawler.stats.inc_value("khobor/requested")
                request = self.discovery.article_request(Listing(address))
                url = self.article_pages.outlet_of(address).address_of_text(address)
                yield request.replace(url=url, priority=-number, meta={**request.meta, "given": address})
            else:
                self.crawler.stats.inc_value("khobor/lines/bad")
                self.failed[line.decode(errors="backslashreplace")] = "no-web-address"

    def failures(self):
        """Return why addresses were not fetched, in the order of their lines."""
        lines = (line.decode(errors="backslashreplace") for line in self.addresses)
        return {line: self.failed[line] for line in lines if line in self.failed}

    def report(self, outcome, reason, url, listing=None):
        super().report(outcome, reason, url, listing)
        if outcome == "failed" and listing is not None:
            self.failed[listing.url] = reason
