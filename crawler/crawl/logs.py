"""What Scrapy logs of items: one line each, never a page's bytes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter, LogFormatterResult
from sqlalchemy.exc import SQLAlchemyError

from crawler.model.failures import BREAKING

if TYPE_CHECKING:
    from scrapy import Request, Spider
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
        return _line(_level_of(exception, BREAKING), "Error on %(item)s", getattr(page, "url", type(page).__name__))

    def spider_error(
        self, failure: Failure, request: Request, response: Response | Failure, spider: Spider
    ) -> LogFormatterResult:
        """Tell of an answer on which our own code failed; Scrapy adds the traceback."""
        return {
            **super().spider_error(failure, request, response, spider),
            "level": _level_of(failure.value, SQLAlchemyError),
        }


def _level_of(error: BaseException | None, told: type[BaseException] | tuple[type[BaseException], ...]) -> int:
    """Return how loudly to tell of an error: what the recorder ends the crawl for is told by it, once."""
    return logging.DEBUG if isinstance(error, told) else logging.ERROR


def _line(level: int, message: str, what: str) -> LogFormatterResult:
    return {"level": level, "msg": message, "args": {"item": what}}
