"""Scrapy's log lines about items: one line each, never a page's bytes."""

import logging
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from sqlalchemy.exc import SQLAlchemyError
from twisted.python.failure import Failure

from crawler.outlets.loader import is_breaking, is_of_an_outlet

# An address may have any length, a log line not.
LOGGED_CHARACTERS = 500


class OneLineFormatter(LogFormatter):
    """Names items by their outcome. A rejected page is no warning: its reason is counted."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        return _line(logging.DEBUG, "Row: %(item)s", getattr(item, "url", type(item).__name__))

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return _line(logging.INFO, "No row: %(item)s", str(exception))

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return _line(_level_of(is_breaking(exception)), "Error on %(item)s", getattr(item, "url", type(item).__name__))

    def spider_error(
        self, failure: Failure, request: Request, response: Response | Failure, spider: Spider
    ) -> LogFormatterResult:
        line = super().spider_error(failure, request, response, spider)
        error = failure.value
        level = _level_of(isinstance(error, SQLAlchemyError) and not is_of_an_outlet(error))
        return {**line, "level": level}


def _level_of(is_logged: bool) -> int:
    # The recorder ends the crawl for some errors and logs them itself, once.
    return logging.DEBUG if is_logged else logging.ERROR


def _line(level: int, message: str, item: str) -> LogFormatterResult:
    return {"level": level, "msg": message, "args": {"item": item}}
