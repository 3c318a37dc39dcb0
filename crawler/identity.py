"""Who we say we are: the honest User-Agent and From of every request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import __version__

if TYPE_CHECKING:
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
