"""A cheap server: different gzip pages from memory, over persistent connections."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import sys
from datetime import date

from crawler.demo.newspaper import Newspaper

PAGES = 64


def bodies() -> list[bytes]:
    """Return compressed pages of about 13 kB, as news sites send them."""
    stories = Newspaper(date(2026, 11, 24)).articles
    found = []
    for number in range(PAGES):
        noise = hashlib.shake_128(b"%d" % number).digest(5000).hex()
        text = "".join(f"<h1>{one.title}</h1><p>{one.text}</p>" for one in stories[number : number + 12])
        found.append(gzip.compress(f"<html><body>{text}<script>{noise}</script></body></html>".encode(), 6))
    return found


async def main() -> None:
    pages = [
        b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
        b"Cache-Control: max-age=60\r\nVary: Accept-Encoding\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        for body in bodies()
    ]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = 0
        while True:
            try:
                await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            writer.write(pages[number % PAGES])
            number += 1
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    sizes = sum(map(len, pages)) // PAGES
    print(server.sockets[0].getsockname()[1], sizes, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
