"""crawler.bengali needs only itself, the standard library, two modules of crawler.model and the clock."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import crawler.bengali

ROOT = Path(crawler.bengali.__file__).parent
PUBLIC = ["text", "language", "dates", "bylines", "sections", "places"]


def test_importing_it_loads_two_modules_of_model_the_clock_and_no_library():
    modules = ", ".join(f"crawler.bengali.{name}" for name in PUBLIC)
    code = f"import sys; before = set(sys.modules); import {modules}; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT.parents[1], check=True)
    loaded = {name for name in done.stdout.split() if name.split(".")[0] not in sys.stdlib_module_names}
    others = {name for name in loaded if not name.startswith("crawler.bengali")}
    model = {"crawler.model", "crawler.model.article", "crawler.model.span"}
    assert others == {"crawler", *model, "crawler.system", "crawler.system.clock"}


def test_every_public_function_and_class_has_a_docstring():
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
