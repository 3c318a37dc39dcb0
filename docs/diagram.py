"""Draw the packages of the code and their imports into docs/architecture.md, as a Mermaid diagram.

`python docs/diagram.py` rewrites the page; with `--check` it exits 1 when the page is stale.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/architecture.md"
BEGIN, END = "<!-- layers:begin -->", "<!-- layers:end -->"
# With more arrows nobody can follow one: those that a longer path shows are left out.
MOST_ARROWS = 25

Graph = dict[str, set[str]]


def main() -> None:
    """Rewrite or check the page."""
    parser = argparse.ArgumentParser(description="Draw the layers of the code into docs/architecture.md.")
    parser.add_argument("--check", action="store_true", help="exit 1 when the page is stale; write nothing")
    check = parser.parse_args().check
    page = PAGE.read_text("utf-8")
    drawn = with_diagram(page, mermaid(imports(ROOT)))
    if check and drawn != page:
        sys.exit(f"{PAGE.relative_to(ROOT)} is stale: run `make diagram`")
    if not check:
        PAGE.write_text(drawn, "utf-8")


def imports(root: Path) -> Graph:
    """Return the packages below a checkout's crawler/, and spiders, with the packages that each imports.

    Lazy imports and imports for typing count. Modules directly in crawler/ are the package `crawler`.
    """
    modules = {
        path: module_of(path, root) for folder in ("crawler", "spiders") for path in (root / folder).rglob("*.py")
    }
    loose = {f"crawler.{path.stem}" for path in (root / "crawler").glob("*.py")}
    packages = {path: package_of(module, loose) for path, module in modules.items() if module != "crawler"}
    graph: Graph = {package: set() for package in packages.values()}
    for path, package in packages.items():
        imported = {package_of(name, loose) for name in imported_by(path)}
        graph[package] |= (imported & graph.keys()) - {package}
    return graph


def module_of(path: Path, root: Path) -> str:
    """Return the name by which a file is imported."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def package_of(module: str, loose: Collection[str]) -> str:
    """Return `archive` for `crawler.archive.names`, `spiders` for all below that, `crawler` for a loose module."""
    first, *rest = module.split(".")
    return rest[0] if first == "crawler" and rest and module not in loose else first


def imported_by(path: Path) -> Iterator[str]:
    """Yield the names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "crawler":
            yield from (f"crawler.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def mermaid(graph: Graph) -> str:
    """Return a flow chart with the packages in layer order, the highest first."""
    reached = {package: reach(graph, package) for package in graph}
    # A package reaches more packages than each of those that it imports.
    order = sorted(graph, key=lambda package: (-len(reached[package]), package))
    arrows = [(package, one) for package in order for one in order if one in graph[package]]
    if len(arrows) > MOST_ARROWS:
        arrows = [(package, one) for package, one in arrows if not is_implied(graph, reached, package, one)]
    lines = [*(f"    {package}" for package in order), *(f"    {package} --> {one}" for package, one in arrows)]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def reach(graph: Graph, package: str) -> set[str]:
    """Return the packages that a package imports, directly or through others."""
    found: set[str] = set()
    waiting = [package]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def is_implied(graph: Graph, reached: Graph, package: str, imported: str) -> bool:
    """Return whether another package that `package` imports leads to `imported`, and not back."""
    others = graph[package] - {imported}
    return any(imported in reached[other] and other not in reached[imported] for other in others)


def with_diagram(page: str, diagram: str) -> str:
    """Return the page with the diagram between its marks. Raises ValueError for a page without them."""
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{PAGE.name} lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n{diagram}\n{END}{after}"


if __name__ == "__main__":
    main()
