"""What of a request is the operator's secret and not the site's business: never written down.

Redacted are all of Proxy-Authorization, and of Authorization and Cookie the values that the settings or the
spider's attributes give. A header line keeps its name and loses its value, a cookie pair keeps `name=`. What a
spider sets on one request, and cookies that servers set, are recorded as sent; so is what a server says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrapy.http import Headers
from scrapy.utils.python import without_none_values
from w3lib.http import basic_auth_header

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.settings import BaseSettings

NAMES = {b"proxy-authorization": "Proxy-Authorization", b"authorization": "Authorization", b"cookie": "Cookie"}
CREDENTIALS = re.compile(rb"(?im)^(%b):([^\r\n]*)" % b"|".join(NAMES))
# What Scrapy writes to the log among the settings that differ from its defaults.
LOGGED = ("HTTPAUTH_USER", "HTTPAUTH_PASS")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values of Authorization, and pairs of Cookie, that are the operator's."""

    authorizations: frozenset[bytes] = field(default=frozenset(), repr=False)
    cookies: frozenset[bytes] = field(default=frozenset(), repr=False)

    def redact(self, request: bytes) -> tuple[bytes, list[str]]:
        """Return a request without its secrets, and the names of the header fields that held any."""
        found: dict[str, None] = {}

        def without(line: re.Match[bytes]) -> bytes:
            name, value = line.groups()
            kept = self._kept(name.lower(), value)
            if kept != value:
                found[NAMES[name.lower()]] = None
            return name + b":" + kept

        head, separator, body = request.partition(b"\r\n\r\n")
        return CREDENTIALS.sub(without, head) + separator + body, list(found)

    def _kept(self, name: bytes, value: bytes) -> bytes:
        if name == b"cookie":
            return b";".join(map(self._without_secret, value.split(b";")))
        is_secret = name == b"proxy-authorization" or value.strip() in self.authorizations
        return b"" if is_secret else value

    def _without_secret(self, pair: bytes) -> bytes:
        if pair.strip() not in self.cookies:
            return pair
        name, equals, _ = pair.partition(b"=")
        return name + equals if equals else b" "


NO_SECRETS = Secrets()


class HiddenCredentials:
    """Scrapy add-on that keeps credentials out of the list of settings that Scrapy logs."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Replace them by texts that are equal but do not show themselves."""
        for name in LOGGED:
            if settings.get(name):
                settings.set(name, _Hidden(settings[name]), priority=settings.getpriority(name) or 0)


class _Hidden(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return "'(hidden)'"


def secrets_of(settings: BaseSettings, spider: Spider | None) -> Secrets:
    """Return the secrets that Scrapy's middlewares put into requests, in the form in which they send them."""
    headers = Headers(without_none_values(settings.getdict("DEFAULT_REQUEST_HEADERS")))
    authorizations = {_as_sent(value) for value in headers.getlist("Authorization")}
    logins = [(settings.get("HTTPAUTH_USER"), settings.get("HTTPAUTH_PASS"))]
    logins.append((getattr(spider, "http_user", ""), getattr(spider, "http_pass", "")))
    authorizations |= {basic_auth_header(user or "", password or "") for user, password in logins if user or password}
    cookies = {pair.strip() for value in headers.getlist("Cookie") for pair in _as_sent(value).split(b";")}
    return Secrets(frozenset(authorizations), frozenset(cookies - {b""}))


def _as_sent(value: bytes) -> bytes:
    # Twisted makes one line of what it sends.
    return b" ".join(value.splitlines()).strip()
