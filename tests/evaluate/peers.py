"""The peers' answers, from processes in their own environment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from evaluate.answer import Answer
from evaluate.page import Page

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-evaluate" / "bin" / "python"
SCRIPT = Path(__file__).with_name("peer.py")
PEERS = ("trafilatura", "newspaper4k", "news-please", "readability-lxml")


def hand_over(pages: Sequence[Page], folder: Path) -> Path:
    """Write the pages as files and return the path of their manifest."""
    rows = []
    for number, page in enumerate(pages):
        path = folder / f"{number:05d}.html"
        path.write_bytes(page.body)
        rows.append(json.dumps({"path": str(path), "url": page.url}))
    manifest = folder / "pages.jsonl"
    manifest.write_text("\n".join(rows), "utf-8")
    return manifest


def answers_of(peer: str, manifest: Path) -> list[Answer]:
    """Return a peer's answers; when its process dies, that page is an error and a new process goes on."""
    count = len(manifest.read_text("utf-8").splitlines())
    answers: list[Answer] = []
    while len(answers) < count:
        lines = _run(peer, manifest, len(answers))
        answers += [Answer.of(json.loads(line)) for line in lines]
        if len(answers) < count:
            answers.append(Answer(error="died"))
    return answers


def _run(peer: str, manifest: Path, start: int) -> list[str]:
    command = [str(PYTHON), "-W", "ignore", str(SCRIPT), peer, str(manifest), str(start)]
    # Peers store word lists and suffix lists in the home directory.
    environment = {**os.environ, "HOME": str(manifest.parent), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=manifest.parent, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines and start == 0 and done.returncode:
        raise SystemExit(f"{peer} failed to start: {done.stderr.strip().splitlines()[-1]}")
    return lines
