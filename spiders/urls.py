"""Any addresses: those in a file, one a line."""

from crawler.crawl.spider import NewsSpider
from crawler.model.addresses import decoded, is_web_address, read_lines
from crawler.model.listing import GIVEN, Listing
from crawler.model.span import BadArgument
from crawler.system.terminal import printable


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
                self.logger.warning("no web address: %s", printable(line.decode(errors="backslashreplace")))
