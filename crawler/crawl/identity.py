"""Who we say we are in User-Agent and From, and the credentials that are never written.

Records lose Proxy-Authorization, and the values of Authorization and Cookie that settings or spider attributes give.
"""

from scrapy.crawler import Crawler
from scrapy.http import Headers
from scrapy.settings import BaseSettings
from scrapy.utils.python import without_none_values
from w3lib.http import basic_auth_header

from crawler import __version__
from crawler.archive.names import host_name
from crawler.archive.records import software
from crawler.crawl.settings import Access
from crawler.recording.exchange import Secrets


class Identity:
    """Scrapy add-on: CONTACT in User-Agent, and in From (RFC 9110 §10.1) if it is an address; hidden credentials."""

    def update_settings(self, settings: BaseSettings) -> None:
        contact = Access.from_settings(settings).contact
        user_agent = f"khobor/{__version__}" + (f" (+{contact})" if contact else "")
        settings.set("USER_AGENT", user_agent, priority="addon")
        if "@" in contact:
            name = "DEFAULT_REQUEST_HEADERS"
            # Scrapy ignores a value of lower priority than the one that our own settings gave.
            settings.set(name, {**settings.getdict(name), "From": contact}, settings.getpriority(name) or 0)
        # Scrapy logs these among the settings that differ from its defaults.
        for name in ("HTTPAUTH_USER", "HTTPAUTH_PASS"):
            if settings.get(name):
                settings.set(name, _Hidden(settings[name]), settings.getpriority(name) or 0)


def warcinfo_fields(settings: BaseSettings, outlet: str) -> dict[str, str]:
    """Return the fields of each file's warcinfo (WARC/1.1 §6.2; IIPC guideline)."""
    fields = {
        "software": software(),
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "operator": Access.from_settings(settings).contact,
        "hostname": host_name(),
        "http-header-user-agent": str(settings["USER_AGENT"]),
        "http-header-from": str(settings.getdict("DEFAULT_REQUEST_HEADERS").get("From", "")),
        "robots": "classic" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        "isPartOf": outlet,
    }
    return {name: value for name, value in fields.items() if value}


class _Hidden(str):
    def __repr__(self) -> str:
        return "'(hidden)'"


def secrets_of(crawler: Crawler) -> Secrets:
    """Return the secrets that Scrapy's middlewares put into requests, as they are sent."""
    settings, spider = crawler.settings, crawler.spider
    headers = Headers(without_none_values(settings.getdict("DEFAULT_REQUEST_HEADERS")))
    authorizations = {_as_sent(value) for value in headers.getlist("Authorization")}
    logins = [(settings.get("HTTPAUTH_USER"), settings.get("HTTPAUTH_PASS"))]
    logins.append((getattr(spider, "http_user", ""), getattr(spider, "http_pass", "")))
    authorizations |= {basic_auth_header(user or "", password or "") for user, password in logins if user or password}
    cookies = {pair.strip() for value in headers.getlist("Cookie") for pair in _as_sent(value).split(b";")}
    return Secrets(frozenset(authorizations), frozenset(cookies - {b""}))


def _as_sent(value: bytes) -> bytes:
    # Twisted sends a header value as one line.
    return b" ".join(value.splitlines()).strip()
