"""A demo newspaper in this process, whose faults a test can switch, and state made to look older than it is."""

from __future__ import annotations

import json
import math
import sqlite3
import threading
from contextlib import closing
from datetime import date, datetime, timedelta

from place import Place
from sandbox import TODAY

from crawler.demo.newspaper import Newspaper
from crawler.demo.outlets import OUTLETS
from crawler.demo.replies import REFUSALS, failed, not_found, page, redirect
from crawler.demo.schedule import DHAKA
from crawler.demo.server import DemoServer
from crawler.demo.site import Site
from crawler.state.facts import as_text
from crawler.system import clock

# What tells a moment, table by table.
MOMENTS = {
    "runs": ("started", "finished"),
    "looks": ("first_seen",),
    "failures": ("at",),
    "standings": ("refused_until", "since"),
    "reports": ("since", "reported"),
}


class FaultySite(Site):
    """The newspaper on the web; the outlets in `hanging` don't answer before the test is over.

    Addresses that hold `forbidden` are refused, and the paths in `for_subscribers`; those that hold `missing` are not
    there, those that hold `apologizing` have an error page, and those that hold `circling` lead to themselves. The
    paths in `moved` lead to others. Addresses that hold one of `unavailable` are to be asked for later, and robots.txt
    when it was asked for `most_robots` times. The paths in `busy` name the seconds after which to come again. While it
    `is_throttling`, all was asked for too often.
    """

    def __init__(self, newspaper):
        super().__init__(newspaper)
        self.hanging = set()
        self.forbidden = self.missing = self.apologizing = self.circling = "nothing"
        self.for_subscribers = set()
        self.moved = {}
        self.unavailable = set()
        self.busy = {}
        self.most_robots = math.inf
        self.is_throttling = False
        self.over = threading.Event()
        self.asked = []

    def get(self, target, base):
        self.asked.append(target)
        if target.removeprefix("/").partition("/")[0] in self.hanging:
            self.over.wait()
        if refusal := self.refusal(target):
            return refusal
        if target in self.busy:
            return page(503, "ব্যস্ত", "একটু পরে আসুন।", **{"Retry-After": self.busy[target]})
        is_worn = target == "/robots.txt" and self.asked.count(target) > self.most_robots
        if is_worn or any(part in target for part in self.unavailable):
            return failed()
        if self.circling in target or target in self.moved:
            return redirect(self.moved.get(target, target), 302)
        if self.apologizing in target:
            return page(200, "Error 500", "Internal server error")
        return not_found() if self.missing in target else super().get(target, base)

    def refusal(self, target):
        if self.is_throttling:
            return page(429, "Too Many Requests", "একটু পরে আসুন।")
        is_forbidden = self.forbidden in target or target in self.for_subscribers
        return REFUSALS["403"] if is_forbidden else None


class Paper:
    """The newspaper of TODAY, as a context manager."""

    def __enter__(self):
        self.site = FaultySite(Newspaper(TODAY))
        self.server = DemoServer(0, self.site)
        self.server.block_on_close = False
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        self.url = self.server.address
        return self

    def __exit__(self, *_):
        self.site.over.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    def publish(self, outlet, count=1):
        return [self.site.newspaper.publish(outlet, "national", clock.now(DHAKA)) for _ in range(count)]

    def unlist(self, article):
        """Let no list have an article any more; it is not there either, unless its path has `moved`."""
        del self.site.newspaper._articles[article.outlet, article.id]

    def edit(self, outlet, key):
        self.site.newspaper.edit(outlet, key, clock.now(DHAKA))

    def break_(self, outlet, how):
        self.site.broken[outlet] = how

    def heal(self):
        self.site.broken.clear()
        self.site.hanging.clear()

    def begin_anew(self):
        """Forget what was published and broken; whoever still waits for an answer gets one."""
        self.site.over.set()
        self.site = self.server.site = FaultySite(Newspaper(TODAY))


class Updates(Place):
    """A place where updates run, and whose state can be made older."""

    def command(self, *words):
        """Without a level for the crawls' logs, which an update then keeps to itself."""
        words = super().command(*words)
        level = words.index("LOG_LEVEL=WARNING")
        return words[: level - 1] + words[level + 1 :]

    def update(self, *words):
        return self.scrapy("update", *words)

    def sql(self, statement, *values):
        with closing(sqlite3.connect(self.root / "spool/state.db", timeout=30)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def age(self, **time):
        """Make all that state knows so much older."""
        back = timedelta(**time)
        for table, columns in MOMENTS.items():
            for column in columns:
                query = f"select distinct {column} from {table} where {column} is not null"
                for (text,) in self.sql(query):
                    older = as_text(datetime.fromisoformat(text) - back)
                    self.sql(f"update {table} set {column} = ? where {column} = ?", older, text)
        for run, text in self.sql("select run, facts from runs where facts is not null"):
            facts = json.loads(text)
            for days in facts.get("missed", {}).values():
                days[:] = [str(date.fromisoformat(day) - back) for day in days]
            self.sql("update runs set facts = ? where run = ?", json.dumps(facts), run)

    def repeat(self, days):
        """Let the last run of each outlet have come to the same on each of so many days before it."""
        columns = [name for (_, name, *_) in self.sql("pragma table_info(runs)")]
        for run in self.sql(f"select {', '.join(columns)} from runs where facts is not null"):
            known = dict(zip(columns, run, strict=True))
            for day in range(1, days + 1):
                started = as_text(datetime.fromisoformat(known["started"]) - timedelta(days=day))
                values = {**known, "run": f"{known['run']}-{day}", "started": started}
                places = ", ".join("?" * len(values))
                self.sql(f"insert into runs ({', '.join(values)}) values ({places})", *values.values())

    def facts(self, outlet):
        [(text,)] = self.sql("select facts from runs where outlet = ? order by started desc limit 1", outlet)
        return json.loads(text)


ALL = [f"demo_{name}" for name in OUTLETS]
