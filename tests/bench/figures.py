"""Figures of measurements, with the cores and versions that gave them, as files of JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

OURS = ("scrapy", "trafilatura", "lxml", "warcio")
VERSIONS = """
import json, sys
from importlib.metadata import version
print(json.dumps({name: version(name) for name in sys.argv[1:]}))
"""


def save(path: str | None, figures: dict[str, Any], more: dict[str, str] | None = None) -> None:
    """Write figures to a file, if there is one, with the machine and `more` versions."""
    if path:
        versions = {"Python": platform.python_version(), **{name: version(name) for name in OURS}, **(more or {})}
        machine = {"cores": os.cpu_count(), "processor": _processor(), "versions": versions}
        Path(path).write_text(json.dumps({"machine": machine, **figures}, indent=1) + "\n")


def versions_in(python: Path, *names: str) -> dict[str, str]:
    """Return the versions of packages in another environment."""
    done = subprocess.run([python, "-c", VERSIONS, *names], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def peak_of(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process to end; return its peak memory in MB.

    Its resource usage would include the memory of this process at the fork.
    """
    peak = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = max([peak, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))])
        time.sleep(0.2)
    return peak // 1024


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if sys.platform == "linux" else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
