"""Open a WACZ in ReplayWeb.page in Chromium; print the findings as JSON.

Run by the tools' Python: replay_in_chromium.py PLAYER WACZ PICTURES. PLAYER is the folder of the npm package, PICTURES
a folder for screenshots. Standard input has the expected texts: {"listed": a title in the list of pages, "pages":
[[address, timestamp of 14 digits, text on the page], …]}.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Error, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PAGE_SECONDS = 15
VIEW = {"width": 1280, "height": 900}


# The text of a document with its shadow trees, without scripts, styles and title.
ALL_TEXT = """() => {
  const text = node => node.nodeType === Node.TEXT_NODE ? node.data
    : ["SCRIPT", "STYLE", "TITLE"].includes(node.nodeName) ? ""
    : [...(node.shadowRoot ? [node.shadowRoot] : []), ...node.childNodes].map(text).join("");
  return text(document);
}"""


# The check of the signature; the player does not show its result.
VERIFY = """async ({hash, signature, publicKey}) => {
  const bytes = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
  const curve = {name: "ECDSA", namedCurve: "P-384"};
  const key = await crypto.subtle.importKey("spki", bytes(publicKey), curve, true, ["verify"]);
  const way = {name: "ECDSA", hash: "SHA-256"};
  return await crypto.subtle.verify(way, key, bytes(signature), new TextEncoder().encode(hash));
}"""


class RangeHandler(SimpleHTTPRequestHandler):
    """Serves static files, and ranges of the WACZ."""

    wacz = Path()

    def translate_path(self, path):
        return str(self.wacz) if path.split("?")[0] == "/slice.wacz" else super().translate_path(path)

    def do_GET(self):
        if not self.path.startswith("/slice.wacz"):
            super().do_GET()
            return
        size = self.wacz.stat().st_size
        wanted = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")
        first = int(wanted[0]) if wanted[0] else max(0, size - int(wanted[1]))
        last = min(int(wanted[1]), size - 1) if wanted[0] and wanted[1] else size - 1
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        with self.wacz.open("rb") as stream, contextlib.suppress(ConnectionError):
            stream.seek(first)
            self.wfile.write(stream.read(last - first + 1))

    def log_message(self, *_):
        """Log nothing, since standard output is the result."""


@contextlib.contextmanager
def served(player: Path, wacz: Path):
    """Serve the player and the WACZ on loopback; yield the player's address."""
    RangeHandler.wacz = wacz
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(RangeHandler, directory=str(player))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/?source={quote('/slice.wacz')}"
        server.shutdown()


def shown(page: Page, text: str, where: str) -> bool:
    """Return whether a text appears in a frame whose address contains `where`."""
    for _ in range(PAGE_SECONDS * 2):
        # Not time.sleep: the browser's messages must be handled meanwhile.
        page.wait_for_timeout(500)
        for frame in (frame for frame in page.frames if where in frame.url):
            with contextlib.suppress(Error):
                if text in frame.evaluate(ALL_TEXT):
                    return True
    return False


def signed_data(wacz: Path) -> dict[str, str]:
    """Return the signature of a WACZ and the signed hash."""
    with zipfile.ZipFile(wacz) as archive:
        return json.loads(archive.read("datapackage-digest.json"))["signedData"]


def main() -> None:
    """Check the list of pages, then some pages."""
    player, wacz, pictures = map(Path, sys.argv[1:4])
    wanted = json.load(sys.stdin)
    with served(player, wacz) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=VIEW)
        page.goto(f"{address}#view=pages")
        seen = {"listed": shown(page, wanted["listed"], "#view=pages"), "pages": []}
        page.screenshot(path=pictures / "pages.png")
        for number, (url, stamp, text) in enumerate(wanted["pages"]):
            # A new context has an empty cache.
            page = browser.new_page(viewport=VIEW)
            page.goto(f"{address}#view=resources&url={quote(url, safe='')}&ts={stamp}")
            seen["pages"].append(shown(page, text, f"{stamp}mp_/"))
            page.screenshot(path=pictures / f"page-{number}.png")
        seen["signed"] = page.evaluate(VERIFY, signed_data(wacz))
        browser.close()
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
