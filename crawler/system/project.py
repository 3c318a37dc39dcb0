"""Scrapy's `version`, which is found through khobor.dist-info before any settings are read.

Scrapy takes an unknown SCRAPY_PROJECT for no project at all: none of our commands would be known.
"""

import os
import sys

from scrapy.commands import version
from scrapy.utils.conf import get_config
from scrapy.utils.project import ENVVAR

from crawler.system.terminal import complain

NAME = "SCRAPY_PROJECT"


def _check() -> None:
    """End with one line if the name in SCRAPY_PROJECT gave no settings module."""
    name, known = os.environ.get(NAME, "default"), get_config()
    if ENVVAR not in os.environ and known.has_section("settings") and not known.has_option("settings", name):
        complain(f"there is no {NAME}={name}: scrapy.cfg has {', '.join(known['settings'])}")
        sys.exit(2)


_check()


class Command(version.Command):
    """Scrapy's own command, unchanged."""
