"""The card of a data set: README.md with the front matter that the Hugging Face Hub reads, and the files beside it.

The card says nothing but the facts, so equal facts give the same bytes. It has no date of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as arrow
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from crawler.system.terminal import counted, printable
from crawler.tools.dataset.croissant import croissant_of
from crawler.tools.dataset.facts import (
    COPY,
    LANGUAGE,
    LENGTH,
    OPT_OUTS,
    SCOPE,
    WARNING,
    WITHHELD,
    DatasetFacts,
    largest_first,
)
from crawler.tools.dataset.front_matter import TYPES, front_matter
from crawler.tools.dataset.options import words_of
from crawler.tools.dataset.plots import PLOTS, plots_of
from crawler.tools.dataset.schema import HIDDEN, columns, fields_of

REASONS = {
    WITHHELD: "taken down",
    **{signal: f"opted out: {signal}" for signal in OPT_OUTS},
    LANGUAGE: "other language",
    SCOPE: "other scope",
    LENGTH: "other length",
    COPY: "copy of an earlier article",
}
# Each can begin markup, a link or a mention.
MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+|&~$!@:.=-])")


def files_of(facts: DatasetFacts) -> dict[str, bytes]:
    """Return README.md, LICENSE.md, croissant.json and the plots, by path."""
    plots = plots_of(facts)
    rights = _template("rights.md").render(facts=facts, hidden=HIDDEN[facts.text]).strip()
    prose = {"title": _title(facts), "summary": _summary(facts), "rights": rights, "citation": _citation(facts)}
    return {
        "README.md": _card(facts, prose, plots).encode(),
        "LICENSE.md": f"# Rights\n\n{rights}\n".encode(),
        "croissant.json": croissant_of(facts, **prose),
        **plots,
    }


def _card(facts: DatasetFacts, prose: dict[str, str], plots: Iterable[str]) -> str:
    return _template("card.md").render(
        facts=facts,
        **{name: Markup(text) for name, text in prose.items()},
        front_matter=Markup(front_matter(facts, prose["title"])),
        files=Counter(file.path.removeprefix("data/").split("-")[0] for file in facts.files),
        columns=[(part, _type(part.type)) for column in columns() for part in (column, *fields_of(column))],
        plots=[(path, PLOTS[path]) for path in plots],
        options=words_of(facts.options),
        left_out={_reason(reason): count for reason, count in facts.left_out.items() if count},
        opted_out=sum(facts.left_out.get(signal, 0) for signal in OPT_OUTS),
    )


def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,
        undefined=StrictUndefined,
        finalize=_marked,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "code": _code,
        "counted": _counted,
        "moment": _moment,
        "largest": largest_first,
        "own": Markup,
    }
    return environment.get_template(name)


def _marked(value: object) -> object:
    """Return a value as the card shows it: numbers are grouped, and no text becomes markup."""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Markup):
        return value
    return MARKUP.sub(r"\\\1", printable(str(value)))


def _code(text: object) -> Markup:
    """Return a text as code, where nothing but backticks and bars can be markup."""
    return Markup("`" + printable(str(text)).replace("`", "'").replace("|", "¦") + "`")


def _moment(text: str) -> Markup:
    """Return a moment without the fraction of its second."""
    return _code(re.sub(r"\.\d+", "", text))


def _counted(number: int, thing: str) -> Markup:
    return Markup(f"{number:,} {counted(number, thing).partition(' ')[2]}")


def _type(kind: Any) -> str:
    """Return the name of a type; the card lists the fields of a struct below it."""
    if arrow.types.is_list(kind):
        return f"list<{_type(kind.value_type)}>"
    return "struct" if arrow.types.is_struct(kind) else TYPES.get(str(kind), str(kind))


def _reason(reason: str) -> Markup:
    """Return the words for a reason for which articles are left out."""
    if reason.startswith(WARNING):
        return Markup("warning ") + _code(reason.removeprefix(WARNING))
    return Markup(REASONS[reason]) if reason in REASONS else _code(reason)


def _title(facts: DatasetFacts) -> str:
    moments = [moment[:10] for split in facts.splits.values() for moment in (split.first, split.last) if moment]
    span = ", " + " to ".join(sorted({min(moments), max(moments)})) if moments else ""
    kind = "Bengali news" if max(facts.languages, key=facts.languages.__getitem__, default="") == "bn" else "News"
    return f"{kind} of {counted(len(facts.outlets), 'outlet')}{span}"


def _summary(facts: DatasetFacts) -> str:
    texts = {"full": "with their texts", "excerpt": "with excerpts of their texts", "none": "without their texts"}
    lacking = f" ({facts.lacking:,} without)" if facts.lacking else ""
    return (
        f"{facts.rows:,} articles of {counted(len(facts.outlets), 'news outlet')}, {texts[facts.text]}{lacking},"
        f" as captured until {facts.newest}. khobor read them from archived pages (WARC)."
    )


def _citation(facts: DatasetFacts) -> str:
    """Return an entry for BibTeX; its year is that of the newest capture."""
    archive = f"archive {re.sub(r'[^A-Za-z0-9:.-]', '', facts.archive)}, " if facts.archive else ""
    day = facts.newest[:10]
    return "\n".join(
        [
            f"@misc{{khobor{day.replace('-', '')},",
            f"  title = {{{_title(facts)}}},",
            f"  year = {{{day[:4]}}},",
            f"  note = {{Data set of {facts.rows} articles, {archive}captures until {facts.newest},"
            f" made with khobor {facts.khobor}}},",
            "}",
        ]
    )
