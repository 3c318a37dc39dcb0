"""`scrapy` commands as processes of their own that need not load Python's modules again.

To load Scrapy and all else costs a second of CPU and more, and this suite has hundreds of commands run. A process that
has loaded them and done nothing with them forks for each: what runs is as any other process, with its own id, signals,
streams and end. Tests of how a command starts, or with signals, use `subprocess` itself.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from subprocess import PIPE
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "scrapy"]
CAPTURED = ({"capture_output": True, "check": False}, {"stdout": PIPE, "stderr": PIPE, "check": False})
NUMBER = struct.Struct("i")
MESSAGE_BYTES = 1 << 20
# Those that a crawl loads besides ours, none of which installs a reactor or starts a thread.
LOADED = """
scrapy.cmdline scrapy.core.downloader.contextfactory scrapy.core.downloader.handlers.http11 scrapy.core.engine
scrapy.core.scheduler scrapy.core.scraper scrapy.downloadermiddlewares.cookies scrapy.dupefilters
scrapy.downloadermiddlewares.httpcompression scrapy.extensions.feedexport scrapy.pqueues
scrapy.spidermiddlewares.referer scrapy.squeues alembic.command sqlalchemy.dialects.sqlite
"""
# Those that run or start threads when they are loaded, and those that a command loads by its name.
NOT_LOADED = ("crawler.demo", "crawler.commands", "crawler.state.migrations", "crawler.exporting.parquet")


def run(
    command: list[str], *, input: str | bytes | None = None, text: bool = False, timeout: float, **options: Any
) -> subprocess.CompletedProcess[Any]:
    """Run a command as `subprocess.run` does, which runs all but a `python -m scrapy …` whose output is captured.

    A library that is to be loaded before Python needs a start as well.
    """
    where = {name: options.pop(name) for name in ("cwd", "env")}
    if command[:3] != COMMAND or options not in CAPTURED or "LD_PRELOAD" in where["env"]:
        return subprocess.run(command, input=input, text=text, timeout=timeout, **where, **options)  # noqa: PLW1510
    given = input.encode() if isinstance(input, str) else input or b""
    request = {"words": command[3:], "folder": where["cwd"], "environment": dict(where["env"])}
    (child_in, to_child), (output, child_out), (errors, child_err), (reply, child_reply) = (os.pipe() for _ in range(4))
    ends = [child_in, child_out, child_err, child_reply]
    socket.send_fds(_server(), [json.dumps(request, default=str).encode()], ends)
    for end in ends:
        os.close(end)
    with ThreadPoolExecutor(3) as threads:
        threads.submit(_feed, to_child, given)
        both = threads.submit(_all_of, output), threads.submit(_all_of, errors)
        code = _end_of(reply, timeout, command)
    said = [one.result().decode() if text else one.result() for one in both]
    return subprocess.CompletedProcess(command, code, *said)


def _feed(end: int, given: bytes) -> None:
    with suppress(BrokenPipeError), open(end, "wb", buffering=0) as stream:
        stream.write(given)


def _all_of(end: int) -> bytes:
    with open(end, "rb") as stream:
        return stream.read()


def _end_of(reply: int, timeout: float, command: list[str]) -> int:
    """Return the exit code of what was started; end it when it takes too long."""
    with open(reply, "rb", buffering=0) as stream:
        (child,) = NUMBER.unpack(stream.read(NUMBER.size) or b"")
        if not select.select([stream], [], [], timeout)[0]:
            os.kill(child, signal.SIGKILL)
            raise subprocess.TimeoutExpired(command, timeout)
        (code,) = NUMBER.unpack(stream.read(NUMBER.size) or b"")
        return int(code)


@cache
def _server() -> socket.socket:
    """Start the process that forks; it ends with this one."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {"PATH": os.environ["PATH"], "TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS": "", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, __file__, str(its.fileno())], pass_fds=[its.fileno()], env=environment)
    its.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _load() -> None:
    ours = [one.name for one in pkgutil.walk_packages([str(ROOT / "crawler")], "crawler.")]
    for name in (*LOADED.split(), *(name for name in ours if not name.startswith(NOT_LOADED))):
        importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules
    assert len(os.listdir("/proc/self/task")) == 1, "a process that has threads must not fork"
    gc.collect()
    gc.freeze()


def _serve(channel: socket.socket) -> None:
    """Return in a process of its own for each request, made ready; exit when nobody is left to ask."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, *_ = socket.recv_fds(channel, MESSAGE_BYTES, 4)
        if not message:
            sys.exit()
        if not os.fork():
            channel.close()
            return _become(json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Fork once more, and return in the child as what was asked for; this one tells what becomes of it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, reply = descriptors
    if child := os.fork():
        for stream in (0, 1, 2, *streams):
            os.close(stream)
        os.write(reply, NUMBER.pack(child))
        os.write(reply, NUMBER.pack(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
        os._exit(0)
    os.close(reply)
    for standard, stream in enumerate(streams):
        os.dup2(stream, standard)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    given = filter(None, request["environment"].get("PYTHONPATH", "").split(":"))
    sys.path[:] = [request["folder"], *given, *sys.path[2:]]
    sys.argv = ["scrapy", *request["words"]]


if __name__ == "__main__":
    _load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module("scrapy", run_name="__main__", alter_sys=True)
