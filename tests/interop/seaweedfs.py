"""Run S3 servers for the tests, on loopback: SeaweedFS, and nanio for a lesser store."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from crawler.system.processes import die_with_parent
from interop.foreign import ROOT

SECONDS = 30.0
PROGRAM = ROOT / ".venv-interop/bin/weed"
KEY, SECRET = "khobor", "khobor-secret-4711"
# The access key of an account that can only read.
READER = "reader"
RIGHTS = ["Admin", "Read", "Write", "List", "Tagging"]
# Each part listens on two ports, all on loopback.
PARTS = ("s3", "master", "filer", "volume", "admin")
QUIET = ("-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false")


@dataclass
class Server:
    """A SeaweedFS server; `folder` has its data, `port` is that of S3."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] = field(init=False)
    numbers: count[int] = field(default_factory=count)
    _ports: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start the server, on its earlier ports if any, and wait until it answers."""
        config = self.folder / "s3.json"
        rights = {KEY: RIGHTS, READER: ["Read", "List"]}
        identities = [
            {"name": key, "credentials": [{"accessKey": key, "secretKey": SECRET}], "actions": actions}
            for key, actions in rights.items()
        ]
        config.write_text(json.dumps({"identities": identities}))
        if not self._ports:
            numbers = free_ports(2 * len(PARTS))
            self.port = numbers[0]
            names = [f"-{part}.port{kind}" for part in PARTS for kind in ("", ".grpc")]
            self._ports = [f"{name}={number}" for name, number in zip(names, numbers, strict=True)]
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        places = [f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.config={config}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), "mini", *places, *self._ports, *QUIET],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509 (no threads here)
            )
        end = time.monotonic() + SECONDS
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < end, "SeaweedFS did not start"
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill the server, as a power cut does."""
        self.process.kill()
        self.process.wait(SECONDS)

    def environment(self, port: int = 0, **changed: str) -> dict[str, str]:
        """Return the variables by which boto3 finds the server, or a middleman on `port`."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port or self.port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **changed,
        }

    def client(self) -> Any:
        """Return a boto3 client, independent of our code."""
        endpoint = f"http://127.0.0.1:{self.port}"
        session = boto3.session.Session(KEY, SECRET, region_name="us-east-1")
        return session.client("s3", endpoint_url=endpoint)

    def new_bucket(self, **options: Any) -> str:
        """Create a bucket and return its name."""
        name = f"archive-{next(self.numbers)}"
        self.client().create_bucket(Bucket=name, **options)
        return name

    def _answers(self) -> bool:
        try:
            name = f"answers-{next(self.numbers)}"
            self.client().create_bucket(Bucket=name)
            # A new server creates buckets before it can store objects.
            self.client().put_object(Bucket=name, Key="ready", Body=b"ready")
        except (BotoCoreError, ClientError):
            return False
        return True


@contextmanager
def lesser(folder: Path) -> Iterator[str]:
    """Run nanio, a server without conditional writes and CRC64NVME; yield its address."""
    port = free_ports(1)[0]
    words = ["serve", "--host", "127.0.0.1", "--port", str(port), "--data-dir", str(folder)]
    environment = {**os.environ, "NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET}
    with subprocess.Popen(
        [str(PROGRAM.with_name("nanio")), *words],
        env=environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509 (no threads here)
    ) as process:
        try:
            end = time.monotonic() + SECONDS
            while not is_open(port):
                assert time.monotonic() < end, "nanio did not start"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@contextmanager
def running() -> Iterator[Server]:
    """Run a server during the block."""
    folder = Path(tempfile.mkdtemp(prefix="khobor-s3-"))
    try:
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unreachable() -> dict[str, str]:
    """Return the variables of a store that does not answer."""
    return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_ports(1)[0]}"}


def is_open(port: int) -> bool:
    """Return whether a process listens on the port."""
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count: int) -> list[int]:
    """Return unused ports below those that connections get, so that none is taken before the server listens."""
    ports: set[int] = set()
    while len(ports) < count:
        port = random.randrange(12000, 32000)
        with suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            ports.add(port)
    return list(ports)
