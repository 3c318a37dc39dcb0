"""Draw the reading room on the demo's archive into `docs/room.png`; `make picture` runs it. Needs Chromium."""

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from crawler.system import clock

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "room.png"
OUTLETS = ("demo_daily", "demo_portal", "demo_tv")
DAYS, QUERY, SIZE = 30, "নদী", "1280,820"


def main() -> int:
    """Crawl the demo into a folder that goes away, open the room on it, and draw the results of a search."""
    sys.path.insert(0, str(ROOT))
    from crawler.demo.tour import newspaper, scrapy

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("docs/room_picture.py needs Chromium")
    today = clock.today(ZoneInfo("Asia/Dhaka"))
    with tempfile.TemporaryDirectory() as folder:
        places = {"KHOBOR_ARCHIVE_URL": f"{folder}/archive", "KHOBOR_SPOOL_DIR": f"{folder}/spool"}
        os.environ.update(places, SCRAPY_PROJECT="test")
        with newspaper(today.isoformat()) as address:
            span = ["--since", str(today - timedelta(days=DAYS - 1)), "--until", str(today)]
            for words in (["update", *OUTLETS], ["backfill", *OUTLETS, *span]):
                if code := scrapy(*words, "-s", f"DEMO_URL={address}"):
                    return code
        draw(chromium, folder)
    return 0


def draw(chromium: str, folder: str) -> None:
    command = [sys.executable, "-m", "scrapy", "room", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            page = f"{process.stdout.readline().split()[0]}search?q={quote(QUERY)}&lang=bn"
            options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--user-data-dir={folder}/chromium"]
            options += [f"--window-size={SIZE}", "--virtual-time-budget=5000", f"--screenshot={PICTURE}"]
            subprocess.run([chromium, *options, page], check=True, capture_output=True)
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
