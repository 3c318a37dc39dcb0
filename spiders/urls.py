"""Any addresses: those in a file, one a line."""

from crawler.crawl.spider import NewsSpider
from crawler.model.addresses import decoded, is_web_address, read_lines
from crawler.model.listing import Listing
from crawler.model.span import BadArgument
from crawler.outlets.loader import Outlets
from crawler.system.terminal import printable


class UrlsSpider(NewsSpider):
    """Archives and extracts the addresses in a file, each of them, known or not."""

    name = "urls"

    def __init__(self, file=None, lines=None, **unknown):
        if unknown:
            raise BadArgument(f"urls has no argument {next(iter(unknown))}, only file.")
        super().__init__(scope="all")
        self.lines = read_lines(file) if lines is None else lines
        if not self.start_addresses():
            raise BadArgument(f"{file} holds no web address.")

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.outlets = Outlets.from_settings(crawler.settings)
        return spider

    def start_addresses(self):
        return [address for line in self.lines if is_web_address(address := decoded(line))]

    def arguments(self):
        return {"lines": self.lines}

    async def start(self):
        for number, line in enumerate(dict.fromkeys(self.lines)):
            address = decoded(line)
            if is_web_address(address):
                self.count("listed")
                self.count("requested")
                request = self.article_request(Listing(address))
                yield request.replace(priority=-number, meta={**request.meta, "given": address})
            else:
                self.count("lines/bad")
                self.logger.warning("no web address: %s", printable(line.decode(errors="backslashreplace")))

    def outlet_of(self, *urls):
        return next((outlet for url in urls if (outlet := self.outlets.of(url))), type(self))
