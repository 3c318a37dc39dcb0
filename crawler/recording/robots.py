"""What the robots.txt of each host says about uses of its content: the rules of Content-Signal and Content-Usage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from crawler.recording.signals import AGENT, PREFERENCES, SAYS_NO, Signal

# A bound against files that are made to be long; the record has them whole.
MOST_RULES = 100
AGENT_END = re.compile(r"[/\s]")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of robots.txt about uses: `path` is the pattern it is for, empty for all."""

    name: str
    value: str
    path: str
    preference: str


class Robots:
    """The rules about uses in the robots.txt of each host of a run."""

    def __init__(self) -> None:
        self._rules: dict[str, list[Rule]] = {}

    def note(self, hosts: Iterable[str], text: bytes) -> None:
        """Remember what a robots.txt says for hosts (`host:port`, lower case) instead of what was known."""
        rules = rules_of(text)
        for host in hosts:
            self._rules.pop(host, None)
            if rules:
                self._rules[host] = rules

    def signals(self, url: str) -> Iterator[Signal]:
        """Yield what is said for an address: of each kind, the rules with the longest path that matches."""
        if not self._rules:
            return
        host, place = split(url)
        rules = self._rules.get(host, [])
        for name in PREFERENCES if rules else ():
            matching = [rule for rule in rules if rule.name == name and _matches(rule.path, place)]
            longest = max((len(rule.path) for rule in matching), default=0)
            for rule in matching:
                if len(rule.path) == longest and SAYS_NO.search(rule.preference):
                    yield Signal(PREFERENCES[name], f"{name}: {rule.value}", "robots.txt")


def rules_of(text: bytes) -> list[Rule]:
    """Return the rules of a robots.txt about uses: of the groups that name us, else of those for all."""
    found: dict[str, list[Rule]] = {"*": []}
    # What stands before all groups is said to everybody.
    agents, has_rules = {"*"}, True
    for line in text.decode("utf-8-sig", "replace").splitlines():
        name, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        name = name.lower()
        if name == "user-agent":
            agents = (set() if has_rules else agents) | ({AGENT_END.split(value.lower(), maxsplit=1)[0]} & {AGENT, "*"})
            has_rules = False
        for agent in agents:
            rules = found.setdefault(agent, [])
            if name in PREFERENCES:
                rules.append(_rule(name, value))
        has_rules = has_rules or name in ("allow", "disallow", "crawl-delay", *PREFERENCES)
    return found.get(AGENT, found["*"])[:MOST_RULES]


def split(url: str) -> tuple[str, bytes]:
    """Return host and port as robots.txt is kept by, and path and query, unescaped."""
    host, _, place = url.partition("#")[0].partition("://")[2].partition("/")
    return host.lower(), unquote_to_bytes(f"/{place}".encode("utf-8", "surrogatepass"))


def _rule(name: str, value: str) -> Rule:
    path, _, preference = value.replace("\t", " ").partition(" ") if value.startswith("/") else ("", "", value)
    return Rule(name, value, path, preference)


def _matches(pattern: str, place: bytes) -> bool:
    """Tell whether a path is one of a pattern's: `*` stands for anything, a last `$` for the end (RFC 9309 §2.2.3)."""
    first, *rest = (
        unquote_to_bytes(part.encode("utf-8", "surrogatepass")) for part in pattern.removesuffix("$").split("*")
    )
    if not place.startswith(first):
        return False
    position = len(first)
    last = rest.pop() if pattern.endswith("$") and rest else None
    for part in rest:
        position = place.find(part, position)
        if position < 0:
            return False
        position += len(part)
    if last is not None:
        return place.endswith(last) and len(place) - len(last) >= position
    return not pattern.endswith("$") or position == len(place)
