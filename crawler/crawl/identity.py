"""Who we say we are: the honest User-Agent and From of every request.

What of a request is the operator's secret and not the site's business: never written down.

Redacted are all of Proxy-Authorization, and of Authorization and Cookie the values that the settings or the
spider's attributes give. A header line keeps its name and loses its value, a cookie pair keeps `name=`. What a
spider sets on one request, and cookies that servers set, are recorded as sent; so is what a server says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.http import Headers
from scrapy.utils.python import without_none_values
from w3lib.http import basic_auth_header

from crawler import __version__
from crawler.recording.exchange import Secrets

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.settings import BaseSettings


class Identity:
    """Scrapy add-on that puts CONTACT into User-Agent and From (RFC 9110 §10.1)."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Set USER_AGENT, and the From header where the contact is a mail address."""
        contact = str(settings.get("CONTACT") or "").strip()
        settings.set("USER_AGENT", user_agent(contact), priority="addon")
        if "@" in contact:
            headers = dict(settings.getdict("DEFAULT_REQUEST_HEADERS"))
            settings.set("DEFAULT_REQUEST_HEADERS", {**headers, "From": contact}, priority="addon")


def user_agent(contact: str) -> str:
    """Return `khobor/VERSION (+CONTACT)`."""
    return f"khobor/{__version__} (+{contact})" if contact else f"khobor/{__version__}"


# What Scrapy writes to the log among the settings that differ from its defaults.
LOGGED = ("HTTPAUTH_USER", "HTTPAUTH_PASS")


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
