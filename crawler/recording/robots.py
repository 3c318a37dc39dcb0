"""Content-Signal and Content-Usage rules of robots.txt files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from crawler.recording.signals import AGENT, PREFERENCES, SAYS_NO, Signal

# A limit for malicious files; the record has them whole.
MOST_RULES = 100
AGENT_END = re.compile(r"[/\s]")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of robots.txt about uses; an empty `path` matches all addresses."""

    name: str
    value: str
    path: str
    preference: str


class Robots:
    def __init__(self) -> None:
        self._rules: dict[str, list[Rule]] = {}

    def note(self, hosts: Iterable[str], text: bytes) -> None:
        """Replace the rules of hosts (`host:port`, lower case) by those of a robots.txt."""
        rules = rules_of(text)
        for host in hosts:
            self._rules.pop(host, None)
            if rules:
                self._rules[host] = rules

    def signals(self, url: str) -> Iterator[Signal]:
        """Yield the signals for an address: of each kind, the rules with the longest matching path."""
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
    """Return the rules about uses for us, or else for all crawlers."""
    found: dict[str, list[Rule]] = {"*": []}
    # Lines before all groups are for every crawler.
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
                has_path = value.startswith("/")
                path, _, preference = value.replace("\t", " ").partition(" ") if has_path else ("", "", value)
                rules.append(Rule(name, value, path, preference))
        has_rules = has_rules or name in ("allow", "disallow", "crawl-delay", *PREFERENCES)
    return found.get(AGENT, found["*"])[:MOST_RULES]


def split(url: str) -> tuple[str, bytes]:
    """Return host and port as keys of rules, and path and query, unescaped."""
    host, _, place = url.partition("#")[0].partition("://")[2].partition("/")
    return host.lower(), unquote_to_bytes(f"/{place}".encode("utf-8", "surrogatepass"))


def _matches(pattern: str, place: bytes) -> bool:
    """Return whether a pattern matches a path: `*` matches anything, a last `$` the end (RFC 9309 §2.2.3)."""
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
