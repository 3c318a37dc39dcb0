"""Check the wording of documents, messages, docstrings, comments and names; `make lint` runs it.

The words below make readers read a sentence twice. CONTRIBUTING.md has the words to use instead.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AVOIDED = re.compile(
    r"\b(tells?|telling|told|asked for|held against|so (?:many|long)|in vain|c[ao]mes? to (?:nothing|be)|(?-i:is none)"
    r"|can't be meant|(?:stands?|stood) (?:at|in|beside|below|over)|of which|as it were)\b",
    re.IGNORECASE,
)
# `tell` alone is a method of streams.
AVOIDED_IN_NAMES = re.compile(r"(?:^|_)(?:tells|telling|told)(?:_|$)|_tell(?:_|$)|^tell_")
# The code of this package is written anew by later changes; only what it prints counts until then.
MESSAGES_ONLY = ("crawler/extraction/",)
NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def main() -> int:
    """Print each place with an avoided wording; return the exit code."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [path for path in listed.stdout.splitlines() if (ROOT / path).exists()]
    found = [place for path in paths for place in check(path)]
    print(*found, sep="\n" if found else "")
    return 1 if found else 0


def check(path: str) -> Iterator[str]:
    """Yield the places of a file with an avoided wording."""
    if path.endswith(".md"):
        texts = enumerate((ROOT / path).read_text("utf-8").splitlines(), 1)
    elif path.endswith(".py") and path.startswith(("crawler/", "settings/", "spiders/")):
        texts = iter(sorted(texts_of(path, (ROOT / path).read_text("utf-8"))))
    else:
        return
    for line, text in texts:
        if match := AVOIDED.search(text):
            yield f"{path}:{line}: avoid {match[0]!r}: {' '.join(text.split())[:90]}"


def texts_of(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module, each with its line: what it prints, and its docstrings, comments and names."""
    tree = ast.parse(source)
    yield from messages(tree)
    if not path.startswith(MESSAGES_ONLY):
        yield from docstrings(tree)
        yield from comments(source)
        yield from names(tree)


def messages(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every text of several words that is no docstring."""
    standing = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from ((node.lineno, node.value) for node in ast.walk(tree) if is_text(node) and id(node) not in standing)


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of a module, its classes and functions."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, *NAMED)) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text


def comments(source: str) -> Iterator[tuple[int, str]]:
    """Yield each comment, joined with those of the lines before it: a wording may go over a line end."""
    before = (0, "")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            text = token.string.lstrip("# ")
            yield token.start[0], f"{before[1]} {text}" if before[0] == token.start[0] - 1 else text
            before = (token.start[0], text.rpartition(" ")[2])


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield, as a text, each name that a module defines and that has an avoided word."""
    for node in ast.walk(tree):
        name = node.name if isinstance(node, NAMED) else None
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        if name and (match := AVOIDED_IN_NAMES.search(name)):
            yield node.lineno, f"{match[0].strip('_')} in the name {name}"


def is_text(node: ast.AST) -> bool:
    """Return whether a node is a text of several words."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()


if __name__ == "__main__":
    sys.exit(main())
