"""What Scrapy logs of items: one line each, never a page's bytes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter, LogFormatterResult

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response
    from twisted.python.failure import Failure


class OneLineFormatter(LogFormatter):
    """Names items by what became of them; a page turned down is no warning, its reason is counted."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        """Tell of a row."""
        return _line(logging.DEBUG, "Row: %(item)s", getattr(item, "url", type(item).__name__))

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Tell of a page that gives no row."""
        return _line(logging.INFO, "No row: %(item)s", str(exception))

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Tell of a page on which our own code failed; Scrapy adds the traceback."""
        page = getattr(item, "page", item)
        return _line(logging.ERROR, "Error on %(item)s", getattr(page, "url", type(page).__name__))


def _line(level: int, message: str, what: str) -> LogFormatterResult:
    return {"level": level, "msg": message, "args": {"item": what}}
