"""The outlets of the demo newspaper, for the test layer only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crawler.model.addresses import host_of, is_web_address
from crawler.model.span import BadArgument

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class DemoOutlet:
    """What the demo's spiders add to their platform: they stand where DEMO_URL says."""

    allowed_domains = ["127.0.0.1", "localhost"]
    home: str | None = "http://127.0.0.1:8765"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the spider and send it to DEMO_URL. Raises BadArgument."""
        home = crawler.settings["DEMO_URL"]
        if not is_web_address(home):
            raise BadArgument(f"DEMO_URL={home} is not a web address, such as http://127.0.0.1:8765")
        spider = super().from_crawler(crawler, *args, **kwargs)  # type: ignore[misc]
        spider.home = home
        spider.allowed_domains = [host_of(spider.home)]
        return spider  # type: ignore[no-any-return]
