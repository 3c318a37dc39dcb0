"""Compare uploads with `aws s3 cp`, in pairs, on one server; verify a bucket of many objects."""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import peak_of
from interop import seaweedfs
from many_runs import make_runs

ROOT = Path(__file__).resolve().parents[2]
TARGET = 0.8
WORKERS = 8
# Syncing a file costs nothing here.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
# As `scrapy push` uploads.
PUT = """
import sys
from pathlib import Path
from crawler.archive.storage import storage_for
url, local, key, sha256 = sys.argv[1:]
storage_for(url).put(Path(local), key, sha256=sha256)
"""


def seconds_of(command: list[str], environment: dict[str, str]) -> float:
    """Run a program and return its wall-clock time."""
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return time.monotonic() - began


def compare(server: seaweedfs.Server, folder: Path, size: int, pairs: int) -> float:
    """Return the median ratio of our speed to that of `aws s3 cp`, over whole processes in pairs of changing order."""
    file, bucket = folder / "file", server.new_bucket()
    chance = random.Random(1)
    with file.open("wb") as stream:
        for _ in range(size >> 20):
            stream.write(chance.randbytes(1 << 20))
    environment = {**os.environ, **server.environment(), "PYTHONPATH": str(ROOT)}
    sha256 = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout.split()[0]
    aws = str(seaweedfs.PROGRAM.with_name("aws"))
    ratios = []
    # The first pair warms up and is not counted.
    for number in range(pairs + 1):
        key = f"warc/{number}"
        theirs = [aws, "s3", "cp", "--quiet", str(file), f"s3://{bucket}/theirs/{key}"]
        ours = [sys.executable, "-c", PUT, f"s3://{bucket}/ours", str(file), key, sha256]
        order = (("ours", ours), ("theirs", theirs))[:: 1 - 2 * (number % 2)]
        took = {who: seconds_of(command, environment) for who, command in order}
        if number:
            ratios.append(took["theirs"] / took["ours"])
            print(f"{size / 1e6 / took['ours']:.0f} MB/s, aws s3 cp {size / 1e6 / took['theirs']:.0f} MB/s", flush=True)
        for place in ("ours", "theirs"):
            server.client().delete_object(Bucket=bucket, Key=f"{place}/{key}")
    return statistics.median(ratios)


def fill(server: seaweedfs.Server, bucket: str, objects: int) -> int:
    """Upload an archive of small runs with at least this many objects; return their number."""
    client = server.client()
    with tempfile.TemporaryDirectory(prefix="khobor-bench-", dir=MEMORY) as name, ThreadPoolExecutor(WORKERS) as pool:
        folder = Path(name)
        made = make_runs(folder, objects)

        def put(path: Path) -> None:
            client.put_object(Bucket=bucket, Key=path.relative_to(folder).as_posix(), Body=path.read_bytes())

        list(pool.map(put, (path for path in folder.rglob("*") if path.is_file())))
    return made


def verify(bucket: str, folder: Path) -> tuple[int, float, int]:
    """Run `scrapy verify`; return the number of sound files, the seconds and the peak memory in MB."""
    places = ("-s", f"ARCHIVE_URL=s3://{bucket}", "-s", f"SPOOL_DIR={folder / 'spool'}")
    began, answer = time.monotonic(), folder / "answer"
    with answer.open("w") as output:
        process = subprocess.Popen([sys.executable, "-m", "scrapy", "verify", *places], cwd=ROOT, stdout=output)
        peak = peak_of(process)
    if process.returncode:
        sys.exit(answer.read_text())
    return json.loads(answer.read_text())["files"], time.monotonic() - began, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=512)
    parser.add_argument("--objects", type=int, default=100_000)
    options = parser.parse_args()
    with seaweedfs.running() as server, tempfile.TemporaryDirectory(prefix="khobor-bench-") as folder:
        os.environ.update(server.environment())
        if options.pairs:
            ratio = compare(server, Path(folder), options.megabytes << 20, options.pairs)
            print(f"upload at {ratio:.0%} of aws s3 cp (median of {options.pairs} pairs; target {TARGET:.0%})")
            if ratio < TARGET:
                sys.exit(1)
        for objects in (options.objects // 10, options.objects):
            bucket, began = server.new_bucket(), time.monotonic()
            made = fill(server, bucket, objects)
            filled = time.monotonic() - began
            files, seconds, peak = verify(bucket, Path(folder))
            print(
                f"{files} of {made} objects sound: uploaded in {filled:.0f} s, verified in {seconds:.0f} s, {peak} MB"
            )
            if files != made:
                sys.exit(1)


if __name__ == "__main__":
    main()
