"""What the demo newspaper does when asked with a POST: edit, publish, break, heal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from crawler.demo.newspaper import PrintedArticle
from crawler.demo.outlets import OUTLETS
from crawler.demo.replies import Reply, said
from crawler.demo.schedule import DHAKA
from crawler.demo.site import Site

BREAKAGES = ("layout", "500", "403", "challenge", "empty")


class BadWish(Exception):
    """What was asked for names nothing that the newspaper has."""


class Control:
    """The hand behind the newspaper."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.lock = threading.Lock()
        self.wishes: dict[str, Callable[[dict[str, str]], Reply]] = {
            "/_edit": self.edit,
            "/_publish": self.publish,
            "/_break": self.broken,
            "/_heal": self.heal,
        }

    def post(self, target: str, body: str) -> Reply:
        """Answer a POST; parameters may stand in the query or in a form."""
        path, _, query = target.partition("?")
        if path not in self.wishes:
            return said(404, error=f"no such wish: {path}")
        arguments = {name: values[-1] for name, values in parse_qs(f"{query}&{body}").items()}
        with self.lock:
            try:
                return self.wishes[path](arguments)
            except BadWish as mistake:
                return said(400, error=str(mistake))

    def edit(self, arguments: dict[str, str]) -> Reply:
        """Change the text of an article: `outlet` and `id`."""
        outlet, key = _outlet(arguments), arguments.get("id", "")
        if not key.isdigit() or self.site.newspaper.article(outlet, int(key)) is None:
            raise BadWish(f"{outlet} has no article {key!r}")
        return self._told("edited", self.site.newspaper.edit(outlet, int(key), self.now()))

    def publish(self, arguments: dict[str, str]) -> Reply:
        """Publish one more article: `outlet`, and `section` by its slug (the national one unless given)."""
        outlet = _outlet(arguments)
        section = OUTLETS[outlet].section(arguments.get("section", "national"))
        if section is None:
            raise BadWish(f"{outlet} has no section {arguments['section']!r}")
        return self._told("published", self.site.newspaper.publish(outlet, section.topic, self.now()))

    def broken(self, arguments: dict[str, str]) -> Reply:
        """Break an outlet: `outlet`, and `how`: layout, 500, 403, challenge or empty."""
        outlet, how = _outlet(arguments), arguments.get("how", "layout")
        if how not in BREAKAGES:
            raise BadWish(f"how must be one of {', '.join(BREAKAGES)}, not {how!r}")
        self.site.broken[outlet] = how
        return said(200, did="broke", outlet=outlet, how=how)

    def heal(self, arguments: dict[str, str]) -> Reply:
        """Mend an outlet, or all of them when none is named."""
        names = [_outlet(arguments)] if "outlet" in arguments else list(OUTLETS)
        for name in names:
            self.site.broken.pop(name, None)
        return said(200, did="healed", outlets=names)

    def now(self) -> datetime:
        """Return the time of day in Dhaka on the newspaper's last day."""
        clock = datetime.now(DHAKA).replace(microsecond=0)
        return datetime.combine(self.site.newspaper.today, clock.timetz())

    def _told(self, did: str, article: PrintedArticle) -> Reply:
        changed = article.changed.isoformat()
        return said(
            200,
            did=did,
            outlet=article.outlet,
            id=article.id,
            address=article.path,
            title=article.title,
            changed=changed,
        )


def _outlet(arguments: dict[str, str]) -> str:
    name = arguments.get("outlet", "")
    if name not in OUTLETS:
        raise BadWish(f"outlet must be one of {', '.join(OUTLETS)}, not {name!r}")
    return name
