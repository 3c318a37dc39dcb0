"""Read a room with the clients of web archives; print the findings as JSON.

Run by the clients' Python: room_clients.py ROOM HOST. ROOM is the address of a reading room without a last slash, HOST
the site whose captures are read. Standard input has the addresses of an article, of a redirect and of a page that was
captured several times: {"article": …, "redirect": …, "repeated": …}.
"""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import datetime
from typing import Any

# The seconds between two requests to a host.
os.environ["CDXT_DEFAULT_MIN_RETRY_INTERVAL"] = "0"

import cdx_toolkit
import requests
import wayback
from memento_client import MementoClient

LONG_AGO = datetime(2001, 1, 1)
LONG_AFTER = datetime(2100, 1, 1)
YEARS = 100 * 365 * 24 * 3600


class ToRoom(requests.adapters.HTTPAdapter):
    """Sends to a room what `wayback` asks of web.archive.org, the only archive that it knows."""

    def __init__(self, room: str) -> None:
        super().__init__()
        self.room = room

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send a request; the answer has the address that the client knows."""
        url = request.url or ""
        request.url = re.sub(r"^https?://web\.archive\.org", self.room, url).replace("/cdx/search/cdx", "/cdx")
        request.headers["Host"] = "web.archive.org"
        try:
            response = super().send(request, **options)
        finally:
            request.url = url
        response.url = url
        return response


def by_cdx_toolkit(room: str, host: str, pages: dict[str, str]) -> dict[str, Any]:
    """Return what cdx_toolkit finds, and the contents that it fetches in both of its ways."""
    mementos = cdx_toolkit.CDXFetcher(source=f"{room}/cdx", wb=f"{room}/web")
    records = cdx_toolkit.CDXFetcher(source=f"{room}/cdx", warc_download_prefix=f"{room}/records")
    (article,) = mementos.get(pages["article"], limit=1)
    (record,) = records.get(pages["article"], limit=1)
    return {
        "got": len(mementos.get(f"{host}/*", limit=100_000)),
        "iterated": [[one["timestamp"], one["url"], one["status"]] for one in mementos.iter(f"{host}/*")],
        "limited": len(list(mementos.iter(f"{host}/*", limit=7))),
        "filtered": len(list(mementos.iter(f"{host}/*", filter=["=status:200", "!mime:html"]))),
        "dated": len(mementos.get(f"{host}/*", from_ts="2001", to="2002")),
        "pages": mementos.get_size_estimate(f"{host}/*", as_pages=True),
        "unknown": [mementos.get("unknown.example"), list(mementos.iter("unknown.example/*"))],
        "memento": article.text,
        "record": record.text,
        "revisits": [one.text for one in mementos.get(pages["repeated"]) if one.is_revisit()],
    }


def by_wayback(room: str, host: str, pages: dict[str, str]) -> dict[str, Any]:
    """Return what wayback finds and fetches."""
    session = wayback.WaybackSession(retries=0, search_calls_per_second=0, memento_calls_per_second=0)
    for scheme in ("http", "https"):
        session.mount(f"{scheme}://web.archive.org/", ToRoom(room))
    with wayback.WaybackClient(session) as client:

        def search(url: str, **options: Any) -> list[wayback.CdxRecord]:
            # Addresses of this machine count as malformed.
            return list(client.search(url, skip_malformed_results=False, **options))

        (article,) = search(pages["article"], limit=1)[:1]
        (redirect,) = search(pages["redirect"], limit=1)[:1]
        repeated = search(pages["repeated"])
        memento = client.get_memento(article)
        followed = client.get_memento(redirect)
        early = client.get_memento(article.original, timestamp=LONG_AGO, exact=False, target_window=YEARS)
        try:
            client.get_memento("http://unknown.example/", timestamp=LONG_AGO)
        except wayback.exceptions.NoMementoError as error:
            unknown = type(error).__name__
        return {
            # By pages of five, which the client resumes.
            "found": [[f"{one.timestamp:%Y%m%d%H%M%S}", one.original] for one in search(f"{host}/*", limit=5)],
            "newest": [f"{one.timestamp:%Y%m%d%H%M%S}" for one in search(pages["repeated"], limit=-1)],
            "memento": memento.content.decode(),
            "url": memento.url,
            "links": sorted(memento.links),
            "early": early.url,
            "redirected": [[one.url for one in followed.history], followed.url, followed.status_code],
            "versions": [client.get_memento(one).text for one in repeated],
            "unknown": unknown,
        }


def by_memento(room: str, pages: dict[str, str]) -> dict[str, Any]:
    """Return what the client of the Memento project learns from the TimeGate."""
    client = MementoClient(timegate_uri=f"{room}/timegate/", check_native_timegate=False)
    # Else the client asks the site itself for its TimeGate.
    site = requests.Response()
    site.status_code = 200
    found = {}
    for name, moment in (("early", LONG_AGO), ("late", LONG_AFTER)):
        answer = client.get_memento_info(pages["repeated"], moment, req_uri_response=site)
        mementos = {relation: one["uri"][0] for relation, one in answer["mementos"].items()}
        found[name] = {"original": answer["original_uri"], **mementos}
    closest = found["late"]["closest"]
    is_timegate = MementoClient.is_timegate(f"{room}/timegate/{pages['repeated']}")
    return {
        **found,
        "is_timegate": is_timegate,
        "is_memento": MementoClient.is_memento(closest),
        "original": client.get_original_uri(closest),
    }


def main() -> None:
    """Try each client."""
    room, host = sys.argv[1:3]
    pages = json.load(sys.stdin)
    seen = {
        "cdx_toolkit": by_cdx_toolkit(room, host, pages),
        "wayback": by_wayback(room, host, pages),
        "memento": by_memento(room, pages),
    }
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
