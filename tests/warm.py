"""`scrapy` commands as processes of their own that need not load Python's modules again.

To load Scrapy and all else costs a second of CPU and more, and this suite has hundreds of commands run, which run
others: an update its crawls, a crawl its extraction. A process that has loaded it all and done nothing with it forks
for each: what runs is as any other process, a child of who started it, with its own id, signals, streams and end. Tests
of how a command starts use `subprocess` itself.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import gc
import importlib
import inspect
import os
import pickle
import pkgutil
import runpy
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial
from multiprocessing import util
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# What is forked: modules, code, and the crawl that is a script here.
MODULE, CODE = "-m", "-c"
SCRIPT = [sys.executable, str(Path(__file__).with_name("recorded_crawl.py"))]
NUMBER = struct.Struct("i")
MESSAGE_BYTES = 1 << 20
MOST_STREAMS = 16
PR_SET_CHILD_SUBREAPER = 36
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What commands load, packages with all that is in them; none of it installs a reactor or starts a thread.
LOADED = """
scrapy.cmdline scrapy.core.downloader.contextfactory scrapy.core.downloader.handlers.http11
scrapy.core.downloader.handlers.datauri scrapy.core.downloader.handlers.file scrapy.core.downloader.handlers.ftp
scrapy.core.downloader.handlers.s3 scrapy.core.engine scrapy.core.scheduler scrapy.core.scraper scrapy.dupefilters
scrapy.pqueues scrapy.robotstxt scrapy.squeues scrapy.extensions.closespider scrapy.extensions.corestats
scrapy.extensions.feedexport scrapy.extensions.logcount scrapy.extensions.logstats scrapy.extensions.memdebug
scrapy.extensions.memusage scrapy.extensions.spiderstate scrapy.extensions.throttle alembic.command alembic.config
sqlalchemy.dialects.sqlite unittest itemadapter protego multiprocessing.forkserver multiprocessing.popen_forkserver
multiprocessing.sharedctypes _strptime rich.console rich.live rich.progress rich._unicode_data jsonschema_rs vl_convert
boto3.session botocore.httpsession botocore.client botocore.handlers botocore.signers botocore.auth encodings.latin_1
encodings.charmap encodings.utf_8_sig
"""
PACKAGES = ("scrapy.commands", "scrapy.downloadermiddlewares", "scrapy.spidermiddlewares", "crawler", "spiders")
# Those that run or start threads when they are loaded, and those that a command loads by its name.
NOT_LOADED = (
    "crawler.demo.__main__",
    "crawler.demo.tour",
    "crawler.state.migrations",
    "crawler.tools.dataset",
    "crawler.tools.export.parquet",
)
# What is still asked for while a process ends.
TAKEN_APART = "__main__ builtins io logging multiprocessing os signal sys threading warnings"

# How this process, which was forked, asks the one that forks for it.
_own: list[socket.socket] = []
_lock = threading.Lock()
_signature = inspect.signature(subprocess.Popen._execute_child)


def clock_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which `faketime` moves the clock of a process."""
    return {name: value for name, value in variables.items() if name == "LD_PRELOAD" or "FAKE" in name}


class Popen(subprocess.Popen[Any]):
    """As that of `subprocess`; a `python -m …` or `python -c …`, and the crawl that is a script here, is forked.

    A child that runs a function of the test first, or has another clock, is started by `subprocess` itself.
    """

    def _execute_child(self, *given: Any) -> None:
        """Do what `subprocess` leaves to this method: start the child, close its ends of the pipes."""
        asked = _signature.bind(self, *given).arguments
        words = asked["args"] if isinstance(asked["args"], list | tuple) else [asked["args"]]
        environment = asked["env"] if asked["env"] is not None else os.environ
        is_ours = words[0] == sys.executable and (words[1] in (MODULE, CODE) or [*words] == SCRIPT)
        is_known = asked["preexec_fn"] is None or isinstance(asked["preexec_fn"], partial)
        if not is_ours or not is_known or clock_of(environment) != clock_of(os.environ):
            super()._execute_child(*given)
            return
        pipes = [asked[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        self.pid = _start(
            words=[str(word) for word in words[1:]],
            streams={number: pipe if pipe != -1 else number for number, pipe in enumerate(pipes)},
            folder=str(asked["cwd"] or Path.cwd()),
            environment={name: str(value) for name, value in environment.items()},
            session=asked["start_new_session"],
            first=asked["preexec_fn"],
            has_children=True,
        )
        self._child_created = True
        ends = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        self._close_pipe_fds(*(asked[name] for name in ends))


def run(
    command: list[str], *, input: str | bytes | None = None, timeout: float, **options: Any
) -> subprocess.CompletedProcess[Any]:
    """Run a command as `subprocess.run` does without `check`."""
    if options.pop("capture_output", False):
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if input is not None:
        options["stdin"] = subprocess.PIPE
    with Popen(command, **options) as process:
        try:
            output, errors = process.communicate(input, timeout)
        except:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _spawn(path: str, words: list[str], kept: list[int]) -> int:
    """Start one of multiprocessing's helpers, as its `spawnv_passfds` does; return its process id."""
    return _start(
        words=words[-2:],
        streams={number: number for number in (0, 1, 2, *map(int, kept))},
        folder=str(Path.cwd()),
        environment=dict(os.environ),
        session=False,
        first=None,
        has_children=False,
    )


def _start(*, streams: dict[int, int], **request: Any) -> int:
    """Have a process started that is a child of this one; return its id.

    `streams` are the descriptors that it has, by the numbers that they get.
    """
    ignored = [number for number in STOPPING if signal.getsignal(number) == signal.SIG_IGN]
    message = pickle.dumps({**request, "numbers": [*streams], "ignored": ignored})
    with _lock:
        channel = _own[0] if _own else _server()
        # What is forked for us has a parent that ends at once, and comes to us instead of to init.
        _adopt(True)
        try:
            socket.send_fds(channel, [message], [*streams.values()])
            return int(NUMBER.unpack(channel.recv(NUMBER.size))[0])
        finally:
            _adopt(False)


def _adopt(does: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(does), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER) failed")


@cache
def _server() -> socket.socket:
    """Start the process that forks for this one; it ends with it."""
    # Here, because the children of what is forked run this file again where `tests` is not in their path.
    import sandbox

    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    variables = sandbox.environment(TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS="", PYTHONPATH=str(ROOT))
    process = subprocess.Popen([sys.executable, __file__, str(its.fileno())], pass_fds=[its.fileno()], env=variables)
    its.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _load() -> None:
    folders = {name: [str(path) for path in importlib.import_module(name).__path__] for name in PACKAGES}
    inside = [one.name for name, path in folders.items() for one in pkgutil.walk_packages(path, f"{name}.")]
    for name in (*LOADED.split(), *(name for name in inside if not name.startswith(NOT_LOADED))):
        importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules
    assert len(os.listdir("/proc/self/task")) == 1, "a process that has threads must not fork"
    gc.collect()
    gc.freeze()


def _serve(channel: socket.socket, path: list[str]) -> dict[str, Any]:
    """Return a request in a process of its own, made ready; exit when nobody is left to ask."""
    while True:
        message, descriptors, *_ = socket.recv_fds(channel, MESSAGE_BYTES, MOST_STREAMS)
        if not message:
            os._exit(0)
        child = _fork_away()
        if not child:
            channel.close()
            request = pickle.loads(message)
            _become(request, descriptors, path)
            return dict(request)
        for descriptor in descriptors:
            os.close(descriptor)
        # Who asked may be gone.
        with suppress(BrokenPipeError):
            channel.send(NUMBER.pack(child))


def _fork_away() -> int:
    """Fork a child that is none of ours, and return its id; in the child 0, once its parent has ended."""
    (told, tell), (wait, go) = os.pipe(), os.pipe()
    if between := os.fork():
        (child,) = NUMBER.unpack(os.read(told, NUMBER.size))
        os.waitpid(between, 0)
    elif child := os.fork():
        os.write(tell, NUMBER.pack(child))
        os._exit(0)
    else:
        os.close(go)
        os.read(wait, 1)
    for end in (told, tell, wait, *([go] if child else [])):
        os.close(end)
    return int(child)


def _become(request: dict[str, Any], descriptors: list[int], path: list[str]) -> None:
    """Let this process be what was asked for."""
    numbers = request["numbers"]
    beyond = max(*numbers, *descriptors) + 1
    moved = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, beyond) for descriptor in descriptors]
    for descriptor in descriptors:
        os.close(descriptor)
    for number, descriptor in zip(numbers, moved, strict=True):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for number in request["ignored"]:
        signal.signal(number, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    if request["session"]:
        os.setsid()
    if request["first"]:
        request["first"]()
    given = filter(None, request["environment"].get("PYTHONPATH", "").split(":"))
    sys.path[:] = [request["folder"], *given, *path]


def _branch() -> socket.socket | None:
    """Fork the process that forks for this one, and return its channel in it; here nothing."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork():
        its.close()
        _own.append(ours)
        atexit.register(ours.close)
        subprocess.Popen = Popen
        util.spawnv_passfds = _spawn
        return None
    ours.close()
    with open(os.devnull, "r+b") as nothing:
        for stream in range(3):
            os.dup2(nothing.fileno(), stream)
    return its


def main() -> None:
    """Load all there is to load, then fork; go on in each process as what was asked for."""
    _load()
    path = sys.path[2:]
    channel: socket.socket | None = socket.socket(fileno=int(sys.argv[1]))
    while channel:
        request = _serve(channel, path)
        channel = _branch() if request["has_children"] else None
    if not request["has_children"]:
        with suppress(SystemExit):
            exec(request["words"][1], {"__name__": "__main__"})
        os._exit(0)
    atexit.register(_keep_loaded, [*sys.modules])
    _go_on(*request["words"])


def _keep_loaded(names: list[str]) -> None:
    """Let Python not take apart, at the end of this process, what was loaded before: that costs more than to fork."""
    for name in names:
        if name.partition(".")[0] not in TAKEN_APART.split() and name in sys.modules:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(sys.modules.pop(name)))


def _go_on(kind: str, *words: str) -> None:
    """Run a module, code or a script as Python itself does."""
    if kind == MODULE:
        sys.argv = [*words]
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    elif kind == CODE:
        sys.argv = [CODE, *words[1:]]
        sys.modules["__main__"] = ModuleType("__main__")
        exec(words[0], vars(sys.modules["__main__"]))
    else:
        sys.argv, sys.path[0] = [kind], str(Path(kind).parent)
        runpy.run_path(kind, run_name="__main__")


if __name__ == "__main__":
    main()
