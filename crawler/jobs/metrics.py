"""METRICS_FILE: the health of outlets, for the textfile collector of Prometheus's node_exporter."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from crawler.state.history import RunFacts
from crawler.state.standings import Standing

# Facts of an outlet's last run, and the help text of each.
COUNTS = {
    "listed": "Articles listed",
    "new": "Articles listed that were not known",
    "requests": "Requests made",
    "articles": "Pages that gave an article",
    "dated": "Articles with a date",
    "rows": "Rows written",
    "revisits": "Articles refetched",
    "bytes": "Bytes received",
    "seconds": "Seconds it took",
}
GROUPS = {"codes": ("responses", "code"), "rejected": ("rejected", "reason"), "failed": ("failed", "reason")}


def write_metrics(
    path: Path, runs: Iterable[RunFacts], standings: Mapping[str, Standing], exit_code: int, waiting: int, now: datetime
) -> None:
    """Write the file, whole or not at all; `waiting` files are in the spool. Raises OSError."""
    registry = CollectorRegistry()
    _set(registry, "khobor_update_exit_code", "Exit code of the last update", [], [([], exit_code)])
    _set(registry, "khobor_update_timestamp_seconds", "When the last update ended", [], [([], now.timestamp())])
    _write(path, registry, runs, standings, waiting)


def write_worker_metrics(
    path: Path,
    runs: Iterable[RunFacts],
    standings: Mapping[str, Standing],
    jobs: Mapping[tuple[str, str], int],
    waiting: int,
    now: datetime,
) -> None:
    """Write the file of a worker: `jobs` has the jobs of the queue by kind and state. Raises OSError."""
    registry = CollectorRegistry()
    _set(registry, "khobor_worker_timestamp_seconds", "When the worker last wrote this", [], [([], now.timestamp())])
    _set(registry, "khobor_queue_jobs", "Jobs in the queue", ["kind", "state"], [([*it], n) for it, n in jobs.items()])
    _write(path, registry, runs, standings, waiting)


def _write(
    path: Path, registry: CollectorRegistry, runs: Iterable[RunFacts], standings: Mapping[str, Standing], waiting: int
) -> None:
    _set(registry, "khobor_spool_waiting_files", "Files that wait for the store", [], [([], waiting)])
    refused = [([outlet], one.refused_until.timestamp()) for outlet, one in standings.items()]
    _set(registry, "khobor_refused_until_timestamp_seconds", "When an outlet's back-off ends", ["outlet"], refused)
    _add_runs(registry, list(runs))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)


def _add_runs(registry: CollectorRegistry, runs: Sequence[RunFacts]) -> None:
    started = [([run.outlet], run.started.timestamp()) for run in runs]
    _set(registry, "khobor_run_timestamp_seconds", "When the last run began", ["outlet"], started)
    for name, text in COUNTS.items():
        _set(registry, f"khobor_run_{name}", text, ["outlet"], [([run.outlet], run.facts.get(name, 0)) for run in runs])
    for name, (metric, label) in GROUPS.items():
        counts = [([run.outlet, key], count) for run in runs for key, count in run.facts.get(name, {}).items()]
        _set(registry, f"khobor_run_{metric}", f"By {label}, in the last run", ["outlet", label], counts)
    latencies = [
        ([run.outlet, name], value) for run in runs for name, value in run.facts.get("latency", {}).items() if value
    ]
    _set(registry, "khobor_run_latency_seconds", "Upper bound of the latency", ["outlet", "quantile"], latencies)
    found = [([run.outlet, name.partition(" ")[0]], 1) for run in runs for name in run.facts.get("findings", ())]
    _set(registry, "khobor_finding", "1 for what is wrong with an outlet", ["outlet", "finding"], found)


def _set(
    registry: CollectorRegistry, name: str, text: str, labels: list[str], values: Iterable[tuple[list[str], Any]]
) -> None:
    gauge = Gauge(name, text, labels, registry=registry)
    for label_values, value in values:
        (gauge.labels(*label_values) if labels else gauge).set(value)
