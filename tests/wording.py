"""Check the wording of documents, messages, docstrings, comments and names; `make lint` runs it.

The words below make readers read a sentence twice. CONTRIBUTING.md has the words to use instead.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AVOIDED = re.compile(
    r"\b(tells?|telling|told|asked for|held against|so (?:many|long)|in vain|c[ao]mes? to (?:nothing|be)|(?-i:is none)"
    r"|can't be meant|(?:stands?|stood) (?:at|in|beside|below|over)|of which|as it were)\b",
    re.IGNORECASE,
)
# `tell` alone is a method of streams.
AVOIDED_IN_NAMES = re.compile(
    r"(?:^|_)(?:tells|telling|told|stands|stood|said|meant|held_against|asked_for|in_vain|so_many|so_long|of_which)(?:_|$)"
    r"|_tell(?:_|$)|^tell_"
)

# The modules whose every text is checked: messages, docstrings, comments and names.
CHECKED = ("crawler/", "settings/", "spiders/", "tests/test_bengali")
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
        found = avoided(paragraphs((ROOT / path).read_text("utf-8")))
    elif path.endswith(".py") and path.startswith(CHECKED):
        found = check_module((ROOT / path).read_text("utf-8"))
    else:
        return
    yield from (f"{path}:{line}: avoid {place}" for line, place in sorted(found))


def check_module(source: str) -> Iterator[tuple[int, str]]:
    """Yield each avoided wording of a module with its line: of messages, docstrings, comments and names."""
    tree = ast.parse(source)
    yield from avoided(messages(tree))
    yield from avoided(docstrings(tree))
    yield from avoided(comments(source))
    yield from avoided_names(tree)


def avoided(texts: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield each avoided wording of texts with its line and the words around."""
    for line, text in texts:
        joined = " ".join(text.split())
        for match in AVOIDED.finditer(joined):
            yield line, f"{match[0]!r}: {joined[max(0, match.start() - 40) : match.end() + 40]}"


def paragraphs(source: str) -> Iterator[tuple[int, str]]:
    """Yield each paragraph of a document with its first line."""
    line = 1
    for paragraph in source.split("\n\n"):
        yield line, paragraph
        line += paragraph.count("\n") + 2


def messages(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every text of several words that is no docstring."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from ((node.lineno, node.value) for node in ast.walk(tree) if is_text(node) and id(node) not in alone)


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of a module, its classes and functions."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, *NAMED)) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text


def comments(source: str) -> Iterator[tuple[int, str]]:
    """Yield each comment, those on consecutive lines as one: a wording may go over a line end."""
    first, last, text = 0, -1, ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, words = token.start[0], token.string.lstrip("# ")
            if line == last + 1:
                text = f"{text} {words}"
            else:
                yield first, text
                first, text = line, words
            last = line
    yield first, text


def avoided_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield each name that a module defines and that has an avoided word, with its line."""
    for node in ast.walk(tree):
        name = None
        if isinstance(node, NAMED):
            name = node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            name = node.attr
        elif isinstance(node, ast.arg):
            name = node.arg
        if name and (match := AVOIDED_IN_NAMES.search(name)):
            yield node.lineno, f"{match[0].strip('_')!r} in the name {name}"


def is_text(node: ast.AST) -> bool:
    """Return whether a node is a text of several words."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()


if __name__ == "__main__":
    sys.exit(main())
