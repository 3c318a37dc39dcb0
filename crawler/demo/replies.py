"""The replies of the demo newspaper, before the server sends them."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """A response without its framing; `changed` is the time of the content's last change."""

    status: int
    body: bytes
    content_type: str
    changed: datetime | None = None
    headers: dict[str, str] = field(default_factory=dict)


def html(text: str, changed: datetime | None = None, status: int = 200) -> Reply:
    """Return an HTML page."""
    return Reply(status, text.encode(), HTML, changed)


def xml(text: str, changed: datetime | None = None) -> Reply:
    """Return a feed or sitemap."""
    kind = "application/rss+xml" if "<rss " in text[:200] else "application/xml"
    return Reply(200, text.encode(), f"{kind}; charset=utf-8", changed)


def redirect(address: str, status: int) -> Reply:
    """Return a redirect with a short body."""
    body = f"<html><body>সরে গেছে: <a href='{address}'>এখানে</a></body></html>"
    return Reply(status, body.encode(), HTML, headers={"Location": address})


def json_reply(status: int, **facts: Any) -> Reply:
    """Return facts as JSON."""
    return Reply(status, json.dumps(facts, ensure_ascii=False).encode() + b"\n", "application/json")


def page(status: int, title: str, text: str, **headers: str) -> Reply:
    """Return an error page."""
    body = (
        f'<!doctype html><html lang="bn"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><p>{text}</p></body></html>\n"
    )
    return Reply(status, body.encode(), HTML, headers=headers)


def not_found() -> Reply:
    """Return the 404 page."""
    return page(404, "৪০৪", "দুঃখিত, আপনি যে পাতাটি খুঁজছেন তা পাওয়া যায়নি।")


def failed() -> Reply:
    """Return the page of a server error."""
    return page(500, "Internal Server Error", "সার্ভারে সাময়িক ত্রুটি দেখা দিয়েছে।")


def challenge() -> Reply:
    """Return the challenge page of a content delivery network: status 403 and a script."""
    body = (
        '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>'
        '<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="390"></head>'
        '<body><div class="main-wrapper" role="main">'
        "<noscript>Enable JavaScript and cookies to continue</noscript></div>"
        "<script>window._cf_chl_opt={cType:'managed'};</script>"
        '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>\n'
    )
    return Reply(403, body.encode(), "text/html; charset=UTF-8", headers={"cf-mitigated": "challenge"})


REFUSALS = {
    "500": failed(),
    "403": page(403, "Forbidden", "You don't have permission to access this resource."),
    "challenge": challenge(),
}
