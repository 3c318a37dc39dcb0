"""Scrapy's `version`, which is found through khobor.dist-info before any settings are read.

Scrapy takes an unknown SCRAPY_PROJECT for no project at all: none of our commands would be known. It answers an unknown
command with five lines, and options without a command with all commands and exit code 0.
"""

import os
import sys
from difflib import get_close_matches
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules

import scrapy
from scrapy import commands
from scrapy.commands import version
from scrapy.utils.conf import get_config
from scrapy.utils.project import ENVVAR

from crawler.system import clock
from crawler.system.terminal import complain

NAME = "SCRAPY_PROJECT"
_OURS = str(Path(__file__).parents[1] / "commands")


def _check_project() -> None:
    """End with one line if the name in SCRAPY_PROJECT gave no settings module."""
    name, known = os.environ.get(NAME, "default"), get_config()
    if ENVVAR not in os.environ and known.has_section("settings") and not known.has_option("settings", name):
        complain(f"there is no {NAME}={name}: scrapy.cfg has {', '.join(known['settings'])}")
        sys.exit(2)


def _check_clock() -> None:
    """End with one line if the variable that moves the clock is invalid."""
    try:
        clock.shift()
    except clock.BadShift as error:
        complain(str(error))
        sys.exit(2)


def _check_command() -> None:
    """End with one line if `scrapy` was started with an unknown command, or with options alone."""
    program, *words = sys.argv
    if not (Path(program).name == "scrapy" or Path(program).parent == Path(scrapy.__path__[0])):
        return
    command = next((word for word in words if not word.startswith("-")), None)
    known = {module.name for module in iter_modules([*commands.__path__, _OURS])}
    known |= entry_points(group="scrapy.commands").names
    if command in known or {*words} <= {"-h", "--help"}:
        return
    near = get_close_matches(command or "", known, n=1)
    wrong = f"there is no command {command!r}" if command else "the command is missing"
    complain(wrong + (f": did you mean {near[0]}?" if near else "; scrapy lists all"))
    sys.exit(2)


_check_project()
_check_clock()
_check_command()


class Command(version.Command):
    """Scrapy's own command, unchanged."""
