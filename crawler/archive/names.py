"""The names of the archive's files, and the folders in which they belong; a segment's files share a stem."""

import re
import socket
from datetime import UTC, datetime

# The order in which files go to the archive: a record before its row, every file before the manifest that names it.
KINDS = ("warc", "index", "articles", "manifest", "runs")
# The folder of the decisions to withhold articles. A copy brings them first: no article appears there without its own.
WITHHELD = "withheld"
# The folder of the rows that later extractors read.
REEXTRACTED = "reextracted"
COPY_ORDER = (WITHHELD, *KINDS, REEXTRACTED)
OPEN = ".open"
PARTIAL = ".partial" + OPEN
NAME = re.compile(r"(?P<stem>khobor-(?P<outlet>.+)-(?P<stamp>\d{8}T\d{9})-[^/]*?)\.(?:warc\.gz|cdxj|jsonl\.gz|json)")
DECISION = re.compile(
    WITHHELD + r"/(?P<stamp>\d{8}T\d{9})-(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.json"
)
# The most that file systems allow.
NAME_BYTES = 255
SUFFIX = {"warc": ".warc.gz", "index": ".cdxj", "articles": ".jsonl.gz", "manifest": ".json", "runs": ".json"}
ROWS, MANIFEST = SUFFIX["articles"], SUFFIX["manifest"]


def name_of(key: str) -> re.Match[str] | None:
    """Return the parts of a file's name, `stem`, `outlet` and `stamp`; None if khobor did not give the name."""
    return NAME.fullmatch(key.rpartition("/")[2])


def stem_of(key: str) -> str:
    """Return the name of a file without folder and suffix; the files of a segment share it."""
    return key.rpartition("/")[2].partition(".")[0]


def key_of(kind: str, stem: str) -> str:
    """Return the key of a file, by its kind and stem: `warc/samakal/2026/11/STEM.warc.gz`."""
    _, outlet, moment = stem.split("-")[:3]
    year, month = moment[:4], moment[4:6]
    folders = {"articles": f"outlet={outlet}/crawl_month={year}-{month}", "runs": f"{year}/{month}"}
    return f"{kind}/{folders.get(kind, f'{outlet}/{year}/{month}')}/{stem}{SUFFIX[kind]}"


def outlet_of(key: str) -> str | None:
    """Return the outlet of a file: by its folder, else by its name."""
    kind, _, rest = key.partition("/")
    if kind in ("warc", "index", "manifest"):
        return rest.partition("/")[0]
    if kind == REEXTRACTED:
        rest = rest.partition("/")[2]
    if kind in ("articles", REEXTRACTED):
        return rest.partition("/")[0].removeprefix("outlet=")
    name = name_of(key.removesuffix(OPEN))
    return name["outlet"] if name else None


def folder_problem(key: str) -> str | None:
    """Return the error in a file's folder, None if it agrees with its name."""
    name = name_of(key)
    if name is None:
        return "the file's name is not one that khobor gives"
    kind, *folders = key.split("/")
    is_reextracted = kind == REEXTRACTED and folders
    suffix = key.rpartition("/")[2].removeprefix(name["stem"])
    expected = reextracted_key(folders[0], name["stem"], suffix) if is_reextracted else key_of(kind, name["stem"])
    return None if key == expected else f"the file's name belongs in {expected.rpartition('/')[0]}"


def is_key(text: str) -> bool:
    """Return whether a text can be the key of a file that manifests name."""
    kind, *parts = text.split("/")
    safe = bool(parts) and not {"", ".", ".."} & set(parts) and "\0" not in text
    safe = safe and all(len(part.encode(errors="replace")) <= NAME_BYTES for part in parts)
    return safe and text.endswith((ROWS, MANIFEST) if kind == REEXTRACTED else SUFFIX.get(kind, "\0"))


def decision_key(moment: datetime, article_id: str) -> str:
    """Return the key of a decision on an article: `withheld/20261129T101500123-ID.json`."""
    return f"{WITHHELD}/{stamp(moment)}-{article_id}.json"


def is_decision(key: str) -> bool:
    return DECISION.fullmatch(key) is not None


def reextracted_key(version: str, stem: str, suffix: str) -> str:
    """Return the key of a segment's re-extracted rows (ROWS) or of their MANIFEST, by the version of the extractor."""
    return f"{reextracted_folder(version, stem.split('-')[1])}{stem}{suffix}"


def reextracted_folder(version: str, outlet: str) -> str:
    return f"{REEXTRACTED}/{version}/outlet={outlet}/"


def warc_of(key: str) -> str:
    """Return the WARC file of the segment of a file."""
    return key_of("warc", stem_of(key))


def index_of(key: str) -> str:
    """Return the index of the segment of a file."""
    return key_of("index", stem_of(key))


def manifest_of(key: str) -> str:
    """Return the manifest of the segment of a file, or that of re-extracted rows."""
    if key.startswith(f"{REEXTRACTED}/"):
        return f"{key.rpartition('/')[0]}/{stem_of(key)}{MANIFEST}"
    return key_of("manifest", stem_of(key))


def host_name() -> str:
    """Return this machine's short name, fit for a file name."""
    name = socket.gethostname().split(".")[0]
    return "".join(character if character.isalnum() else "-" for character in name) or "host"


def stamp(moment: datetime) -> str:
    """Return a moment in UTC to the millisecond, the form in names: 20261124T101500123."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y%m%dT%H%M%S}{utc.microsecond // 1000:03d}"


def moment_of(name: str) -> datetime:
    """Return the moment in the name of a run or segment. Raises ValueError, IndexError for a name without one."""
    return datetime.strptime(name.split("-")[2] + "000+0000", "%Y%m%dT%H%M%S%f%z")


def run_name(outlet: str, started: datetime) -> str:
    """Return the name of a run, which is also that of its file."""
    return f"khobor-{outlet}-{stamp(started)}-{host_name()}"


def segment_name(outlet: str, opened: datetime, serial: int) -> str:
    """Return the stem of a segment's files; `serial` counts the segments of a run."""
    return f"khobor-{outlet}-{stamp(opened)}-{serial:05d}-{host_name()}"
