"""Open a report from its file in Chromium, without network; print the findings as JSON.

Run by the tools' Python: report_in_chromium.py PAGE PICTURES. PICTURES is a folder for screenshots (light, dark,
narrow) and the printed page. Standard input is a JSON list of texts that must be on the page with joined conjuncts.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
VIEWS = {"light": (1100, "light"), "dark": (1100, "dark"), "narrow": (420, "light")}

# Pairs of overlapping texts in one chart.
OVERLAPS = """() => [...document.querySelectorAll("svg")].flatMap(svg => {
  const texts = [...svg.querySelectorAll("text")].filter(one => one.textContent && getComputedStyle(one).opacity > 0);
  const boxes = texts.map(one => [one.textContent, one.getBoundingClientRect()]);
  return boxes.flatMap(([text, a], number) => boxes.slice(number + 1)
    .filter(([_, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 6 && b.top < a.bottom - 6)
    .map(([other]) => [text, other]));
})"""

# Texts that are cut off at the edge of their chart.
CUT = """() => [...document.querySelectorAll("svg")].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter(one => {
    const box = one.getBoundingClientRect();
    return one.textContent && (box.left < frame.left - 1 || box.right > frame.right + 1);
  }).map(one => one.textContent);
})"""

# A non-joiner after each virama prevents conjuncts, so a shaped text is narrower.
SHAPED = """text => {
  const width = text => {
    const span = document.body.appendChild(document.createElement("span"));
    span.style.cssText = "position:absolute;white-space:nowrap;font-size:100px";
    span.textContent = text;
    const {width} = span.getBoundingClientRect();
    span.remove();
    return width;
  };
  return width(text) < width(text.replaceAll("\\u200d", "").replaceAll("\\u09cd", "\\u09cd\\u200c"));
}"""


def main() -> None:
    """Check the page on screen and in print."""
    page_file, pictures = map(Path, sys.argv[1:3])
    texts = json.load(sys.stdin)
    seen: dict[str, object] = {"requests": [], "errors": [], "overlaps": [], "cut": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (width, scheme) in VIEWS.items():
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
            page = context.new_page()
            page.on("request", lambda request: seen["requests"].append(request.url))
            page.on("console", lambda message: seen["errors"].append(message.text))
            page.on("pageerror", lambda error: seen["errors"].append(str(error)))
            page.goto(page_file.as_uri())
            page.screenshot(path=pictures / f"{name}.png", full_page=True)
            seen["overlaps"] += page.evaluate(OVERLAPS)
            seen["cut"] += page.evaluate(CUT)
            seen[f"{name} width"] = page.evaluate("document.documentElement.scrollWidth")
            seen[f"{name} paper"] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        body = page.evaluate("document.body.textContent")
        seen["texts"] = [text in body for text in texts]
        seen["shaped"] = [page.evaluate(SHAPED, text) for text in texts]
        page.emulate_media(media="print")
        page.pdf(path=pictures / "printed.pdf", prefer_css_page_size=True)
        seen["tables in print"] = page.evaluate(
            "[...document.querySelectorAll('details table')].every(one => one.getBoundingClientRect().height > 0)"
        )
        browser.close()
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
