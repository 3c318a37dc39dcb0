"""The crawl's memory: the extension through which spiders and the recorder reach state."""

from scrapy.crawler import Crawler

from crawler.crawl.component import Component
from crawler.crawl.settings import Deployment
from crawler.state import State
from crawler.state.days import Days
from crawler.state.failures import Failures


class Memory(Component):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.state = State(Deployment.from_settings(crawler.settings).state_url)
        self.failures = Failures(self.state.engine)
        self.listen("engine_stopped")

    def days(self, outlet: str, scope: str) -> Days:
        return Days(self.state.engine, outlet, scope)

    def engine_stopped(self) -> None:
        self.state.close()
