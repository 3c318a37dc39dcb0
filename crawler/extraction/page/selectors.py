"""CSS selectors answered from an index of a page's elements, made in one walk; rare kinds of them by XPath."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, cast

import cssselect
from cssselect import parser as css
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

_OPERATORS: dict[str, Callable[[str], Callable[[str], bool]]] = {
    "exists": lambda operand: lambda value: True,
    "=": lambda operand: lambda value: value == operand,
    "~=": lambda operand: lambda value: operand in value and operand in value.split(),
    "|=": lambda operand: lambda value: value == operand or value.startswith(f"{operand}-"),
    "^=": lambda operand: lambda value: bool(operand) and value.startswith(operand),
    "$=": lambda operand: lambda value: bool(operand) and value.endswith(operand),
    "*=": lambda operand: lambda value: operand in value and bool(operand),
}


@dataclass(frozen=True, slots=True)
class _Plan:
    first: Any
    checks: list[Callable[[HtmlElement], bool]]
    around: _Plan | None = None


class Index:
    """The elements of a page in order; by tag and attribute, and by class and id when they are first asked for."""

    def __init__(self, tree: HtmlElement) -> None:
        """Read the tree once; it must not change after."""
        elements = list(tree.iter("*"))
        tagged: dict[str, list[HtmlElement]] = defaultdict(list)
        with_attribute: dict[str, list[HtmlElement]] = defaultdict(list)
        for element in elements:
            tagged[element.tag].append(element)
            for name in element.keys():  # noqa: SIM118
                with_attribute[name].append(element)
        self.order: dict[HtmlElement, int] = dict(zip(elements, range(len(elements)), strict=True))
        self._tagged, self._with_attribute = tagged, with_attribute
        self._tree = tree
        self._valued: dict[str, dict[str, list[HtmlElement]]] = {}
        self._found: dict[str, list[HtmlElement]] = {}
        # The last to hold them: a list is freed from its end, and what stands in an element faster before it.
        self.elements = elements

    def tagged(self, *tags: str) -> list[HtmlElement]:
        if len(tags) == 1:
            return self._tagged.get(tags[0], [])
        return self._sorted(element for tag in tags for element in self._tagged.get(tag, ()))

    def with_attribute(self, name: str) -> list[HtmlElement]:
        return self._with_attribute.get(name, [])

    def span(self, element: HtmlElement) -> range:
        last = element
        while len(last):
            last = last[-1]
        start = self.order[element]
        # A comment that an outlet's `prepare` put at the end has no place.
        count = self.order[last] - start + 1 if last in self.order else sum(1 for _ in element.iter("*"))
        return range(start, start + count)

    def select(self, selector: str) -> list[HtmlElement]:
        if selector not in self._found:
            self._found[selector] = self._selected(selector)
        return self._found[selector]

    def _selected(self, selector: str) -> list[HtmlElement]:
        plans = _plans(selector)
        if plans is None:
            return xpath_of(selector)(self._tree)
        found = [self._matching(plan) for plan in plans]
        if len(found) == 1:
            return found[0]
        return self._sorted(dict.fromkeys(element for each in found for element in each))

    def _matching(self, plan: _Plan) -> list[HtmlElement]:
        outer = self._matching(plan.around) if plan.around else None
        elements = self._having(plan.first) if outer is None or outer else []
        if plan.checks:
            elements = [element for element in elements if all(check(element) for check in plan.checks)]
        if outer is None:
            return elements
        inside = self._inside(outer)
        return [element for element in elements if self.order[element] in inside]

    def _inside(self, outer: list[HtmlElement]) -> set[int]:
        places: set[int] = set()
        end = 0
        for element in outer:
            if self.order[element] >= end:
                span = self.span(element)
                places.update(span[1:])
                end = span.stop
        return places

    def _having(self, condition: Any) -> list[HtmlElement]:
        if isinstance(condition, css.Hash):
            return self._values("id").get(condition.id, [])
        if isinstance(condition, css.Class):
            named = self._classes.get(condition.class_name, [])
            if len(named) < 2:
                return self._values("class")[named[0]] if named else []
            return self._sorted({element for value in named for element in self._values("class")[value]})
        if isinstance(condition, css.Attrib):
            fits = _fitting(condition)
            values = self._values(condition.attrib.lower())
            return self._sorted(element for value in filter(fits, values) for element in values[value])
        return self.tagged(condition.element.lower()) if condition.element else self.elements

    def _values(self, name: str) -> dict[str, list[HtmlElement]]:
        if name not in self._valued:
            values: dict[str, list[HtmlElement]] = {}
            for element in self.with_attribute(name):
                values.setdefault(element.get(name), []).append(element)
            self._valued[name] = values
        return self._valued[name]

    @cached_property
    def _classes(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for value in self._values("class"):
            for name in value.split():
                found.setdefault(name, []).append(value)
        return found

    def _sorted(self, elements: Iterable[HtmlElement]) -> list[HtmlElement]:
        return sorted(elements, key=self.order.__getitem__)


def _conditions(node: Any) -> Iterator[Any]:
    while isinstance(node, css.Class | css.Hash | css.Attrib):
        yield node
        node = node.selector
    if not isinstance(node, css.Element) or node.namespace:
        raise NotImplementedError(repr(node))
    yield node


def _rank(condition: Any) -> int:
    kinds: Sequence[type] = (css.Hash, css.Class, css.Attrib, css.Element)
    return kinds.index(type(condition))


def _check(condition: Any) -> Callable[[HtmlElement], bool]:
    if isinstance(condition, css.Hash):
        return lambda element: element.get("id") == condition.id
    if isinstance(condition, css.Class):
        return lambda element: condition.class_name in (element.get("class") or "").split()
    if isinstance(condition, css.Attrib):
        name, fits = condition.attrib.lower(), _fitting(condition)
        return lambda element: (value := element.get(name)) is not None and fits(value)
    tag = condition.element and condition.element.lower()
    return lambda element: tag is None or element.tag == tag


def _fitting(condition: css.Attrib) -> Callable[[str], bool]:
    return _OPERATORS[condition.operator]((condition.value and condition.value.value) or "")


@lru_cache(maxsize=512)
def _plans(selector: str) -> list[_Plan] | None:
    """Return how to find what a selector matches, None for its rare kinds. Raises cssselect's SelectorError."""
    try:
        return [_planned(each.parsed_tree) for each in cssselect.parse(selector)]
    except NotImplementedError:
        return None


def _planned(node: Any) -> _Plan:
    if isinstance(node, css.CombinedSelector):
        if node.combinator != " ":
            raise NotImplementedError(node.combinator)
        return replace(_planned(node.subselector), around=_planned(node.selector))
    conditions = list(_conditions(node))
    first = min(conditions, key=_rank)
    return _Plan(first, [_check(condition) for condition in conditions if condition is not first])


@lru_cache(maxsize=512)
def xpath_of(selector: str) -> Callable[[HtmlElement], list[HtmlElement]]:
    """Return a CSS selector compiled once a process. Raises cssselect's SelectorError when it is wrong."""
    return cast("Callable[[HtmlElement], list[HtmlElement]]", CSSSelector(selector, translator="html"))
