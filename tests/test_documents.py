"""The pages that people read: links lead somewhere, settings are as the code has them, the diagram is current."""

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import crawler
from crawler.crawl.spider import NewsSpider
from crawler.jobs.command import BaseCommand
from crawler.model.article import WARNINGS
from settings import base

ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
# Where the code's own files are named: the folders whose layout does not move.
PATH = re.compile(r"`((?:docs|settings|spiders|tests)/[\w/.-]+)`")
# Names of components and of what belongs to a platform of Scrapy's, not of a deployment.
WIRING = {
    "BOT_NAME",
    "SPIDER_MODULES",
    "NEWSPIDER_MODULE",
    "SPIDER_LOADER_CLASS",
    "COMMANDS_MODULE",
    "ADDONS",
    "TEMPLATES_DIR",
}
WIRING |= {"DOWNLOAD_HANDLERS", "DOWNLOADER_MIDDLEWARES", "EXTENSIONS", "EXTENSIONS_BASE", "ITEM_PIPELINES"}
WIRING |= {"DEFAULT_REQUEST_HEADERS", "LOG_FORMATTER", "RUN_COMMAND"}
# What stands for a value in a message of docs/messages.md.
PLACEHOLDER = re.compile(r"\b[A-Z][A-Z0-9_]*\b|…")
SETTING = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \| (?:`([^`]+)`|[^|]+) \| [^|]+ \| ", re.M)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def documented() -> dict[str, str]:
    """Return the settings of docs/settings.md with their defaults as Python literals, empty where there is none."""
    return dict(SETTING.findall((ROOT / "docs/settings.md").read_text("utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_page_and_heading(page):
    for link in LINK.findall(page.read_text("utf-8")):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_named_file_exists(page):
    for name in PATH.findall(page.read_text("utf-8")):
        is_pattern = re.search(r"[A-Z]{4}|[<…]", name)
        assert is_pattern or (ROOT / name).exists(), name


def test_the_index_names_every_page():
    index = (ROOT / "docs/README.md").read_text("utf-8")
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} <= set(LINK.findall(index))


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def test_every_setting_is_documented_and_every_documented_setting_exists():
    ours = {name for name in vars(base) if name.isupper()} - WIRING
    assert ours == documented().keys() - {"WACZ_SIGNING_KEY"}


@pytest.mark.parametrize("name", sorted(name for name, default in documented().items() if default))
def test_a_documented_default_is_that_of_the_code(name, monkeypatch):
    tree = ast.parse((ROOT / "settings/base.py").read_text("utf-8"))
    (value,) = (node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == name)
    # The environment of whoever runs the tests does not count.
    monkeypatch.delenv(f"KHOBOR_{name}", raising=False)
    assert ast.literal_eval(documented()[name]) == eval(compile(ast.Expression(value), name, "eval"), vars(base))


@pytest.mark.parametrize("page", ["README.md", "docs/adding-outlets.md"])
def test_the_example_of_an_outlet_works(page):
    (block,) = re.findall(r"```python\n(\"\"\".*?)```", (ROOT / page).read_text("utf-8"), re.S)
    namespace: dict = {"__name__": "example"}
    exec(block, namespace)
    outlet = namespace["SamakalSpider"]
    assert issubclass(outlet, NewsSpider)
    assert outlet.key_of("https://samakal.com/bangladesh/article/340205/x") == "340205"
    assert [source.url for source in outlet(scope="all").sources()]


def test_the_warnings_of_rows_are_documented():
    pages = [(ROOT / "docs" / name).read_text("utf-8") for name in ("archive.md", "extraction.md")]
    tables = [page.split("| warning | meaning |")[1].split("\n\n")[0] for page in pages]
    cells = [line.split("|")[1] for table in tables for line in table.splitlines()[2:]]
    assert sorted(re.findall(r"`([a-z-]+)", "".join(cells))) == sorted(WARNINGS)


def test_the_exit_codes_of_every_command_are_documented():
    rows = re.findall(r"^\| (`[^|]+`) \|", (ROOT / "docs/exit-codes.md").read_text("utf-8"), re.M)
    named = {name.split()[0] for row in rows for name in re.findall(r"`([^`]+)`", row)}
    commands = [path.stem for path in (ROOT / "crawler/commands").glob("[!_]*.py")]
    # Scrapy's own commands keep its exit codes.
    ours = {name for name in commands if issubclass(import_module(f"crawler.commands.{name}").Command, BaseCommand)}
    assert named == ours


def code_strings() -> str:
    """Return the strings of the code without docstrings; `\\0` is a value in an f-string."""
    found = []
    for path in (ROOT / "crawler").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        assigned = {ast.unparse(node.targets[0]): node.value for node in nodes if isinstance(node, ast.Assign)}
        for node in nodes:
            if isinstance(node, ast.JoinedStr):
                found.append("".join(shown(part, assigned) for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                found.append(node.value)
    return "\n".join(found)


def shown(part: ast.expr, assigned: dict[str, ast.expr]) -> str:
    """Return a part of an f-string: a text, the plural of a counted thing, or `\\0`."""
    value = part.value if isinstance(part, ast.FormattedValue) else part
    value = assigned.get(ast.unparse(value), value)
    match value.orelse if isinstance(value, ast.IfExp) else value:
        case ast.Constant(value=str(text)):
            return text
        case ast.Call(func=ast.Name(id="counted"), args=[_, ast.Constant(value=thing)]):
            return f"\0 {thing}s"
    return "\0"


def test_every_message_of_the_page_is_one_of_the_code():
    rows = re.findall(r"^\| (`.*?) \| ", (ROOT / "docs/messages.md").read_text("utf-8"), re.M)
    # Commands in brackets say where a message occurs.
    messages = [one for row in rows for one in re.findall(r"`([^`]+)`", re.sub(r" \(`.*\)$", "", row))]
    strings = code_strings()
    assert len(messages) > 100
    for message in messages:
        parts = (part.strip(" .,:;?='()") for part in PLACEHOLDER.split(message))
        longest = max(parts, key=len)
        assert longest, message
        assert longest in strings, message


def test_the_versions_of_package_and_project_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == crawler.__version__
    assert f"## {crawler.__version__} " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_diagram_is_current():
    subprocess.run([sys.executable, ROOT / "docs/diagram.py", "--check"], check=True)


def test_the_table_of_outlets_is_current():
    subprocess.run([sys.executable, ROOT / "docs/outlet_table.py", "--check"], check=True)


def test_the_diagram_shows_layers_and_hides_implied_arrows(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("diagram", ROOT / "docs/diagram.py")
    diagram = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(diagram)
    modules = {
        "crawler/__init__.py": "",
        "crawler/loose.py": "from crawler.low import names",
        "crawler/low/__init__.py": "",
        "crawler/low/names.py": "from crawler import __version__",
        "crawler/middle/page.py": "def read():\n    import crawler.low.names",
        "spiders/one.py": "from crawler.low.names import x\nfrom crawler import middle",
    }
    for name, text in modules.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    graph = diagram.imports(tmp_path)
    assert graph == {"spiders": {"low", "middle"}, "middle": {"low"}, "crawler": {"low"}, "low": set()}
    lines = [line.strip() for line in diagram.mermaid(graph).splitlines()]
    assert lines[2:6] == ["spiders", "crawler", "middle", "low"]
    assert "spiders --> low" in lines
    monkeypatch.setattr(diagram, "MOST_ARROWS", 3)
    assert "spiders --> low" not in diagram.mermaid(graph)
