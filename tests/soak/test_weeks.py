"""Weeks of updates under a clock that is moved on, against a newspaper that publishes, edits, breaks and hangs.

DAYS is how many quiet ones there are before the faults, FAULTS how many of the faults are tried, taken at random.
"""

import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import sandbox
from paper import ALL, FaultySite, Paper, Updates

from crawler.demo.replies import html
from crawler.demo.schedule import DHAKA
from crawler.system import clock

DAYS = int(os.environ.get("DAYS", "14"))
OUTLETS = [name.removeprefix("demo_") for name in ALL]
DATES = re.compile(
    r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|\w{3}, \d\d \w{3} \d{4} [\d:]+ [+-]\d{4}"
    r"|[০-৯]{1,2} \S+ [০-৯]{4}|[০-৯]{1,2}:[০-৯]{2}"
)


class MovingSite(FaultySite):
    """The newspaper on the web, whose day is that of the moved clock; what it says of an outlet may be changed."""

    def __init__(self, newspaper):
        super().__init__(newspaper)
        self.changes = {}

    def get(self, target, base):
        reply = super().get(target, base)
        for address, change in self.changes.items():
            if re.match(address, target):
                reply = change(reply)
        return reply


class Weeks(Updates):
    """A place whose clock is ahead of ours by as much as has been told."""

    def __init__(self, root, paper):
        super().__init__(root, paper.url)
        self.paper, self.ahead, self.published = paper, timedelta(), []
        self.site = paper.site = paper.server.site = MovingSite(paper.site.newspaper)

    @property
    def now(self):
        return clock.now(DHAKA) + self.ahead

    @property
    def environment(self):
        return {clock.SHIFT: sandbox.later(self.ahead)}

    def move(self, **time):
        """Move the clock on; on a new day each outlet publishes two articles."""
        self.ahead += timedelta(**time)
        newspaper = self.site.newspaper
        if newspaper.today != self.now.date():
            newspaper.today = self.now.date()
            newspaper.days.append(newspaper.today)
            self.published += [newspaper.publish(name, "national", self.now) for name in OUTLETS for _ in range(2)]

    def update(self, *words):
        answer = self.scrapy("update", *(words or ALL), "-s", "METRICS_FILE=", environment=self.environment)
        return answer.returncode, answer.stdout, answer.stderr

    def missing(self, *but):
        """Return the titles of what was published and has no row, of all outlets but some."""
        kept = {row["title"] for row in self.rows()}
        return [one.title for one in self.published if one.title not in kept and one.outlet not in but]


@dataclass(frozen=True)
class Fault:
    """What breaks of an outlet, and what the first update must say of it: an exit code and a line."""

    outlet: str
    begin: object
    code: int
    line: str
    words: tuple[str, ...] = ()


def undated(reply):
    return replace(reply, body=DATES.sub("", reply.body.decode()).encode(), changed=None)


def broken(how):
    return lambda site, outlet: site.broken.update({outlet: how})


def changed(address, change):
    return lambda site, outlet: site.changes.update({f"/{outlet}{address}": change})


SINCE = r" since \d{4}-\d\d-\d\d"
FAULTS = {
    "layout": Fault("tv", broken("layout"), 3, rf"\d+ of \d+ pages gave no article{SINCE}.*: look at http\S+/tv/\S+"),
    "nothing listed": Fault("portal", broken("empty"), 3, rf"lists nothing{SINCE} \(used to list .*"),
    "a silent feed": Fault(
        "portal",
        changed("/feed/national", lambda reply: replace(reply, body=b"<rss version='2.0'><channel/></rss>")),
        3,
        rf".*{SINCE} .*: look at http\S+/portal/feed/national",
    ),
    "a feed that is a page": Fault(
        "tv", changed("/feed/", lambda _: html("<p>খবর</p>")), 3, rf".*{SINCE} .*look at http\S+/tv/feed/"
    ),
    "lost dates": Fault(
        "daily",
        changed("/.*/article/", undated),
        3,
        rf".*\d+ of \d+ articles are dated by their listing alone{SINCE}.*",
    ),
    "a server's fault": Fault("portal", broken("500"), 3, rf".*{SINCE} .*http-500.*"),
    "a wall": Fault("daily", broken("403"), 4, rf"refuses us, http-403,{SINCE} \(next request after .*"),
    "a challenge": Fault("tv", broken("challenge"), 4, rf"refuses us, challenge,{SINCE} \(next request after .*"),
    "a hanging server": Fault(
        "portal",
        lambda site, outlet: site.hanging.add(outlet),
        3,
        rf"hangs{SINCE} .*",
        ("-s", "OUTLET_MINUTES=0.5"),
    ),
}


@pytest.fixture
def weeks(tmp_path):
    with Paper() as paper:
        yield Weeks(tmp_path, paper)


def test_weeks_of_updates_archive_everything_and_report_faults_immediately(weeks):
    quiet_days(weeks)
    number = int(os.environ.get("FAULTS", len(FAULTS)))
    for name in random.sample([*FAULTS], number):
        one_fault(weeks, name, FAULTS[name])
    a_killed_crawl(weeks)
    a_stopped_update(weeks, signal.SIGTERM)
    a_stopped_update(weeks, signal.SIGINT)
    an_outage(weeks)
    an_edit(weeks)
    everything_is_there_once(weeks)


def quiet_days(weeks):
    assert weeks.update()[::2] == (0, "")
    for _ in range(DAYS):
        weeks.move(days=1)
        before = len(weeks.rows())
        code, said, errors = weeks.update()
        assert (code, errors) == (0, "")
        assert len(weeks.rows()) - before == len(ALL) * 2, said
        weeks.site.asked.clear()
        code, said, errors = weeks.update("-s", "REVISIT_SHARE=0", *ALL)
        assert (code, said.partition(", ")[2].partition(" new rows")[0], errors) == (0, "0", "")
        assert not {one.path for one in weeks.site.newspaper.articles} & set(weeks.site.asked)


def one_fault(weeks, name, fault):
    """Break, update twice, mend, update on the next day."""
    weeks.move(days=1)
    fault.begin(weeks.site, fault.outlet)
    code, said, errors = weeks.update(*ALL, *fault.words)
    print(f"{name}: {code} {said}{errors}")
    assert code == fault.code
    assert re.fullmatch(f"demo_{fault.outlet}: {fault.line}\n", errors)
    assert not weeks.missing(fault.outlet)
    weeks.move(minutes=30)
    code, said, errors = weeks.update(*ALL, *fault.words)
    assert (code, errors) == (0, ""), "told today already"
    weeks.site.changes.clear()
    weeks.paper.heal()
    weeks.site.over.set()
    weeks.move(days=1)
    assert weeks.update()[::2] == (0, ""), "mended"
    assert not weeks.missing()
    weeks.site.over.clear()


def a_killed_crawl(weeks):
    weeks.move(days=1)
    weeks.site.hanging.add("tv")
    with weeks.start("update", *ALL, environment=weeks.environment) as process:
        os.kill(child_of(process, "demo_tv", weeks), signal.SIGKILL)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert re.fullmatch(r"demo_tv: its process was killed by SIGKILL.*\n", errors)
    assert not weeks.missing("tv")
    goes_on(weeks)


def a_stopped_update(weeks, number):
    weeks.move(days=1)
    weeks.site.hanging.add("tv")
    with weeks.start("update", *ALL, environment=weeks.environment) as process:
        child_of(process, "demo_tv", weeks)
        began = time.monotonic()
        process.send_signal(number)
        said, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (5, "")
    assert "stopped early" in said
    assert time.monotonic() - began < 30
    goes_on(weeks)


def goes_on(weeks):
    weeks.paper.heal()
    weeks.site.over.set()
    weeks.move(minutes=30)
    assert weeks.update()[::2] == (0, "")
    assert not weeks.missing()
    weeks.site.over.clear()


def an_outage(weeks):
    for _ in range(5):
        weeks.move(days=1)
    assert len(weeks.missing()) == 5 * len(ALL) * 2
    assert weeks.update()[::2] == (0, "")
    assert not weeks.missing()


def an_edit(weeks):
    old = weeks.published[-1]
    weeks.move(hours=7)
    weeks.site.newspaper.edit(old.outlet, old.id, weeks.now)
    # Many are due at once, and re-visits have a share of each run only.
    for _ in range(8):
        assert weeks.update()[::2] == (0, "")
        weeks.move(minutes=30)
    assert sorted(row["version"] for row in weeks.rows() if row["title"] == old.title) == [1, 2]


def everything_is_there_once(weeks):
    kept = Counter((row["id"], row["version"]) for row in weeks.rows())
    assert set(kept.values()) == {1}
    assert not weeks.missing()
    files = [str(path) for path in weeks.files("**/*.gz")]
    subprocess.run(["gzip", "-t", *files], check=True)
    verify = weeks.scrapy("verify")
    assert verify.returncode == 0, verify.stdout
    print(f"{len(kept)} rows, {(weeks.now - clock.now(DHAKA)).days} days: {verify.stdout}")


def child_of(process, outlet, weeks):
    """Return the process id of an outlet's crawl once the newspaper has been asked by it."""
    weeks.site.asked.clear()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for path in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            words = Path(f"/proc/{path}/cmdline").read_bytes().decode().split("\0")
            if outlet in words and "crawl" in words and any(target.startswith("/tv/") for target in weeks.site.asked):
                return int(path)
        time.sleep(0.05)
    raise AssertionError(f"no crawl of {outlet} was started")
