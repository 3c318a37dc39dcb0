"""Open pages of a room in Chromium, on a desktop and on a phone; print, as JSON, what each shows in the player.

Run by the tools' Python: replay_room_in_chromium.py PICTURES. PICTURES is a folder for screenshots. Standard input has
the pages: [[address, timestamp of 14 digits, text on the archived page], …].
"""

from __future__ import annotations

import json
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import sync_playwright
from replay_in_chromium import CHROMIUM, VIEW, shown

VIEWS = (VIEW, {"width": 390, "height": 844})
COLOR = "() => getComputedStyle(document.body).color"
FITS = "() => document.documentElement.scrollWidth <= innerWidth"


def main() -> None:
    """Open each page in contexts of its own, with an empty cache; note its text, its color and its width."""
    seen: dict[str, list[object]] = {"pages": [], "origins": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for number, ((address, stamp, text), view) in enumerate(product(json.load(sys.stdin), VIEWS)):
            page, origins = browser.new_page(viewport=view), set[str]()
            page.on("request", lambda request, origins=origins: origins.add(request.url.split("/")[2]))
            page.goto(address)
            is_shown = shown(page, text, f"{stamp}mp_/")
            frames = [frame for frame in page.frames if f"{stamp}mp_/" in frame.url]
            for frame in frames:
                # Its text is there before its stylesheet.
                frame.wait_for_load_state("load")
            seen["pages"].append([is_shown, frames[0].evaluate(COLOR) if frames else None, page.evaluate(FITS)])
            page.screenshot(path=Path(sys.argv[1]) / f"replay-{number}.png")
            seen["origins"].append(sorted(origins))
        browser.close()
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
