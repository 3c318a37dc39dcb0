"""The Bengali package needs no other package of the crawler, and its public functions are documented."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import crawler.bengali

ROOT = Path(crawler.bengali.__file__).parent
PUBLIC = ["text", "language", "dates", "bylines", "sections", "places", "values"]


def imported_modules(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return names | {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}


def test_the_package_imports_only_itself_and_the_standard_library():
    for path in ROOT.rglob("*.py"):
        for name in imported_modules(path.read_text(encoding="utf-8")):
            own = name.startswith("crawler.bengali.")
            assert own or name.split(".")[0] in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_importing_the_package_loads_no_other_crawler_module():
    modules = ", ".join(f"crawler.bengali.{name}" for name in PUBLIC)
    code = f"import sys, {modules}; print([m for m in sys.modules if m.startswith('crawler.') and 'bengali' not in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT.parents[1], check=True)
    assert done.stdout.strip() == "[]"


def test_every_module_public_function_and_class_has_a_docstring():
    for found in pkgutil.walk_packages([str(ROOT)], "crawler.bengali."):
        module = importlib.import_module(found.name)
        public = [
            thing
            for name, thing in vars(module).items()
            if not name.startswith("_")
            and (inspect.isfunction(thing) or inspect.isclass(thing))
            and thing.__module__ == found.name
        ]
        assert module.__doc__, found.name
        assert all(thing.__doc__ for thing in public), found.name
