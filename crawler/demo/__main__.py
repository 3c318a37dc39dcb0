"""`python -m crawler.demo --port N [--today DATE]`: serve the demo newspaper on loopback until a signal ends it."""

import argparse
import os
import signal
import sys
import threading
import time
from datetime import date
from types import FrameType

from crawler.demo.newspaper import Newspaper, dhaka_today
from crawler.demo.server import DemoServer
from crawler.demo.site import Site


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    arguments = _arguments()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        server = DemoServer(arguments.port, Site(Newspaper(arguments.today)))
    except (OSError, OverflowError) as fault:
        print(f"crawler.demo: cannot listen on port {arguments.port}: {fault}", file=sys.stderr)
        return 1
    if arguments.with_parent:
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    print(f"The demo newspaper of {arguments.today} is ready at {server.address}/", flush=True)
    server.serve_forever()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m crawler.demo",
        description="Serve a small Bengali newspaper of three outlets on 127.0.0.1: /daily, /portal and /tv.",
        epilog="example: python -m crawler.demo --port 8765 --today 2026-11-24",
    )
    parser.add_argument(
        "--port", metavar="N", type=int, default=8765, help="port; 0: any free one (default: %(default)s)"
    )
    parser.add_argument(
        "--today",
        metavar="DATE",
        type=_day,
        default=dhaka_today(),
        help="last of its 30 days (default: today in Dhaka)",
    )
    parser.add_argument("--with-parent", action="store_true", help="stop when the parent process has ended")
    return parser.parse_args()


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date (YYYY-MM-DD)") from None
    if not 2005 <= day.year <= 2100:
        raise argparse.ArgumentTypeError(f"{text} is outside the years 2005 to 2100")
    return day


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(0)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
