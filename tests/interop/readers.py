"""The code of docs/reading.md, and other people's readers that run it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from interop.foreign import ROOT

# Spark starts with half of the processor time.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
DATA, DATATROVE = (ROOT / name / "bin" / "python" for name in (".venv-data", ".venv-datatrove"))


def blocks(heading: str) -> list[tuple[str, str]]:
    """Return language and code of each example of a section."""
    page = (ROOT / "docs/reading.md").read_text("utf-8")
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.S | re.M)
    return re.findall(r"```(sql|python)\n(.*?)```", section, re.S)


def example(heading: str, library: str) -> str:
    """Return the example of a section that begins with a library."""
    (code,) = (code for _, code in blocks(heading) if re.search(rf"^(?:from|import) {library}\b", code, re.M))
    return code


def query(heading: str) -> str:
    """Return Python that runs the queries of a section in DuckDB; `found` is the result of the last."""
    (code,) = (code for language, code in blocks(heading) if language == "sql")
    return f"import duckdb\nfor one in duckdb.extract_statements({code!r}):\n    found = duckdb.sql(one.query)\n"


def python(folder: Path, code: str, interpreter: Path = DATA) -> object:
    """Run code in a folder, in the readers' environment, offline; return the JSON of its last line."""
    hub = {"HF_HOME": str(folder / "hub"), "HF_HUB_OFFLINE": "1"}
    spark = {"SPARK_LOCAL_IP": "127.0.0.1", "JAVA_TOOL_OPTIONS": JAVA}
    done = subprocess.run(
        [interpreter, "-c", f"import json\n{code}"],
        cwd=folder, env={**os.environ, **hub, **spark}, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def interpreter_for(library: str) -> Path:
    return DATATROVE if library == "datatrove" else DATA
