"""POST actions on the demo newspaper: edit or publish an article, break or heal an outlet."""

import threading
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from crawler.demo.newspaper import PrintedArticle
from crawler.demo.outlets import OUTLETS
from crawler.demo.replies import Reply, json_reply
from crawler.demo.schedule import DHAKA
from crawler.demo.site import Site
from crawler.system import clock

BREAKAGES = ("layout", "500", "403", "challenge", "empty")


class InvalidAction(Exception):
    """An action names an outlet, article, section or breakage that does not exist."""


class Control:
    """The actions on a site. Each takes its parameters from the query or from a form."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.lock = threading.Lock()
        self.actions: dict[str, Callable[[dict[str, str]], Reply]] = {
            "/_edit": self.edit,
            "/_publish": self.publish,
            "/_break": self.break_outlet,
            "/_heal": self.heal,
        }

    def post(self, target: str, body: str) -> Reply:
        """Answer a POST."""
        path, _, query = target.partition("?")
        if path not in self.actions:
            return json_reply(404, error=f"unknown action: {path}")
        parameters = {name: values[-1] for name, values in parse_qs(f"{query}&{body}").items()}
        with self.lock:
            try:
                return self.actions[path](parameters)
            except InvalidAction as fault:
                return json_reply(400, error=str(fault))

    def edit(self, parameters: dict[str, str]) -> Reply:
        """Change the text of an article: `outlet` and `id`."""
        outlet, key = _outlet(parameters), parameters.get("id", "")
        if not key.isdigit() or self.site.newspaper.article(outlet, int(key)) is None:
            raise InvalidAction(f"{outlet} has no article {key!r}")
        return _article_reply("edited", self.site.newspaper.edit(outlet, int(key), self.now()))

    def publish(self, parameters: dict[str, str]) -> Reply:
        """Publish one more article: `outlet`, and `section` by its slug (default: the national one)."""
        outlet = _outlet(parameters)
        section = OUTLETS[outlet].section(parameters.get("section", "national"))
        if section is None:
            raise InvalidAction(f"{outlet} has no section {parameters['section']!r}")
        return _article_reply("published", self.site.newspaper.publish(outlet, section.topic, self.now()))

    def break_outlet(self, parameters: dict[str, str]) -> Reply:
        """Break an outlet: `outlet`, and `how`: layout, 500, 403, challenge or empty."""
        outlet, how = _outlet(parameters), parameters.get("how", "layout")
        if how not in BREAKAGES:
            raise InvalidAction(f"how must be one of {', '.join(BREAKAGES)}, not {how!r}")
        self.site.broken[outlet] = how
        return json_reply(200, did="broke", outlet=outlet, how=how)

    def heal(self, parameters: dict[str, str]) -> Reply:
        """Heal an outlet, or all of them if the request names none."""
        names = [_outlet(parameters)] if "outlet" in parameters else list(OUTLETS)
        for name in names:
            self.site.broken.pop(name, None)
        return json_reply(200, did="healed", outlets=names)

    def now(self) -> datetime:
        """Return the time of day in Dhaka on the newspaper's last day."""
        time = clock.now(DHAKA).replace(microsecond=0).timetz()
        return datetime.combine(self.site.newspaper.today, time)


def _article_reply(did: str, article: PrintedArticle) -> Reply:
    return json_reply(
        200,
        did=did,
        outlet=article.outlet,
        id=article.id,
        address=article.path,
        title=article.title,
        changed=article.changed.isoformat(),
    )


def _outlet(parameters: dict[str, str]) -> str:
    name = parameters.get("outlet", "")
    if name not in OUTLETS:
        raise InvalidAction(f"outlet must be one of {', '.join(OUTLETS)}, not {name!r}")
    return name
