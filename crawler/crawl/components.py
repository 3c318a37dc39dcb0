"""The check that everything that Scrapy loads by its name in a setting can be loaded."""

from scrapy.settings import BaseSettings
from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import load_object

from crawler.model.exit_codes import USAGE, Refused

LISTS = ("ADDONS", "DOWNLOADER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES", "SPIDER_MIDDLEWARES")
CLASSES = (
    "DOWNLOADER",
    "DUPEFILTER_CLASS",
    "LOG_FORMATTER",
    "REQUEST_FINGERPRINTER_CLASS",
    "SCHEDULER",
    "SPIDER_LOADER_CLASS",
    "STATS_CLASS",
    "TWISTED_REACTOR",
)


def check_components(settings: BaseSettings) -> None:
    """Raise Refused for the first setting whose code can't be loaded: Scrapy would notice in the crawl."""
    for name in (*LISTS, *CLASSES):
        try:
            for component in build_component_list(settings.getdict(name)) if name in LISTS else [settings[name]]:
                load_object(component)
        except Exception as error:  # whatever a module does wrong
            problem = " ".join(f"{type(error).__name__}: {error}".split())
            raise Refused(f"{name} can't be used: {problem}; correct the setting", USAGE) from error
