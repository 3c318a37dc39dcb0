"""`scrapy runspider`: Scrapy's own command, which records nothing here."""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from scrapy.commands import runspider
from scrapy.exceptions import UsageError
from scrapy.utils.spider import iter_spider_classes

from crawler.jobs.scrapys_command import ScrapysCommand
from crawler.system.terminal import Interrupted


class Command(ScrapysCommand, runspider.Command):
    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        super().check(args, opts)
        if len(args) != 1 or not Path(args[0]).is_file():
            raise UsageError("runspider takes one file, such as spider.py")
        # Scrapy would find a mistake after its log has begun. It imports the module from where this puts it.
        if not any(iter_spider_classes(_module_of(Path(args[0])))):
            raise UsageError(f"{args[0]} has no spider")


def _module_of(path: Path) -> ModuleType:
    from crawler.outlets.loader import account_of

    if path.suffix not in (".py", ".pyw"):
        raise UsageError(f"{path} is not a Python file: its name ends with .py")
    sys.path.insert(0, str(path.resolve().parent))
    try:
        return import_module(path.stem)
    except Interrupted:
        raise
    except BaseException as error:
        raise UsageError(f"{path} can't be loaded: {account_of(error)}") from error
    finally:
        sys.path.pop(0)
