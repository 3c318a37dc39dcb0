"""Use the reading room in Chromium as a reader does; print the findings as JSON.

Run by the tools' Python: room_in_chromium.py ADDRESS AXE PICTURES. AXE is the file of axe-core, PICTURES a folder for
screenshots. Standard input has {"pages": {name: path}, "searches": [[query, article], …], "edited": article, "shaped":
[text, …]}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from report_in_chromium import CHROMIUM, SHAPED

VIEWS = {
    "desktop": (1280, "light", "bn-BD"),
    "dark": (1280, "dark", "en-GB"),
    "tablet": (820, "light", "en-GB"),
    "phone": (390, "light", "bn-BD"),
}
GRAVE = ("serious", "critical")
BAD = "results => results.violations.map(one => [one.impact, one.id, one.nodes[0].html])"


class Reader:
    """A browser that notes what goes wrong on any page."""

    def __init__(self, browser: Browser, base: str, axe: str, pictures: Path) -> None:
        self.browser, self.base, self.axe, self.pictures = browser, base, axe, pictures
        self.seen: dict[str, object] = {"errors": [], "elsewhere": [], "wide": [], "axe": []}

    def page(self, view: str) -> Page:
        width, scheme, locale = VIEWS[view]
        context = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale, reduced_motion="reduce"
        )
        page = context.new_page()
        page.on("console", lambda message: self.seen["errors"].append(message.text))
        page.on("pageerror", lambda error: self.seen["errors"].append(str(error)))
        page.on("request", lambda request: self._note_request(request.url))
        return page

    def _note_request(self, url: str) -> None:
        if not url.startswith(self.base):
            self.seen["elsewhere"].append(url)

    def look(self, view: str, name: str, path: str) -> None:
        """Open a page; note what is wider than the screen and what axe finds."""
        page = self.page(view)
        page.goto(self.base + path, wait_until="networkidle")
        page.screenshot(path=self.pictures / f"{name}-{view}.png", full_page=True)
        if page.evaluate("document.documentElement.scrollWidth") > VIEWS[view][0]:
            self.seen["wide"].append([view, name])
        page.evaluate(self.axe)
        found = page.evaluate(f"axe.run().then({BAD})")
        self.seen["axe"] += [[view, name, *one] for one in found if one[0] in GRAVE]
        page.context.close()

    def search(self, query: str, article: str) -> bool:
        """Return whether a search from the front page finds an article and marks words."""
        page = self.page("phone")
        page.goto(self.base)
        page.keyboard.press("/")
        page.keyboard.insert_text(query)
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?*")
        found = page.locator(f'.hit a[href="/article/{article}"]').count() > 0 and page.locator(".hit mark").count() > 0
        page.context.close()
        return found

    def read_and_compare(self, article: str) -> dict[str, object]:
        page = self.page("desktop")
        page.goto(self.base)
        page.keyboard.press("Tab")
        skip = page.evaluate("document.activeElement.getAttribute('href')")
        page.goto(f"{self.base}/article/{article}")
        title = page.locator("h1").inner_text()
        page.locator(".versions .small").first.click()
        page.wait_for_url("**/compare?*")
        marks = page.locator("ins, del").count()
        page.locator("a.switch").click()
        page.wait_for_selector('html[lang="en"]')
        english = page.locator(".compare .head h2").first.inner_text()
        page.emulate_media(media="print")
        page.pdf(path=self.pictures / "printed.pdf")
        shown = page.locator("header .search").is_visible()
        page.context.close()
        return {"skip": skip, "title": title, "marks": marks, "english": english, "search in print": shown}

    def fonts(self, texts: list[str]) -> dict[str, object]:
        page = self.page("desktop")
        page.goto(self.base, wait_until="networkidle")
        loaded = page.evaluate("[...document.fonts].filter(one => one.status == 'loaded').map(one => one.family)")
        shaped = [page.evaluate(SHAPED, text) for text in texts]
        page.context.close()
        return {"fonts": sorted(set(loaded)), "shaped": shaped}


def main() -> None:
    """Look at every page in every view, then search, read and compare."""
    base, axe, pictures = sys.argv[1].rstrip("/"), Path(sys.argv[2]), Path(sys.argv[3])
    given = json.load(sys.stdin)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        reader = Reader(browser, base, axe.read_text("utf-8"), pictures)
        for view in VIEWS:
            for name, path in given["pages"].items():
                reader.look(view, name, path)
        seen = reader.seen
        seen["found"] = [reader.search(query, article) for query, article in given["searches"]]
        seen |= reader.read_and_compare(given["edited"]) | reader.fonts(given["shaped"])
        browser.close()
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
