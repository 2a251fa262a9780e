"""A file's tree with its comments and blank lines where they belong.

An own-line comment belongs to the entry below it; indented deeper than that, to the end of the
mapping or list above. A comment behind something on its line belongs to that. So a comment goes
with its entry when keys are put in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from kpidsl.formatting.comments import Comment, comments
from kpidsl.loading.yaml_nodes import Mapping, Scalar, YamlNode


@dataclass(slots=True)
class Element:
    """An entry of a mapping, or an item of a list (`key` is None).

    `lead` are the lines above it: comments, and one empty text for any number of blank lines.
    `on_key` stands behind the key, `behind` behind the value.
    """

    key: Scalar | None
    value: Scalar | Container
    start: int
    column: int
    lead: list[str] = field(default_factory=list)
    on_key: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Container:
    """A mapping or a list; `flow` tells that it stands in brackets. `foot` are comments at its end."""

    is_mapping: bool
    flow: bool
    start: int
    end: int
    column: int
    elements: list[Element]
    foot: list[str] = field(default_factory=list)

    @property
    def has_comments(self) -> bool:
        """Tell whether there are comments inside, at any depth."""
        return bool(self.foot) or any(
            any(element.lead)
            or element.on_key
            or element.behind
            or (isinstance(element.value, Container) and element.value.has_comments)
            for element in self.elements
        )


@dataclass(slots=True)
class Outline:
    """A whole file; `head` are the lines above its first entry, which stay at the top."""

    root: Container
    head: list[str]


def outline(text: str, tree: Mapping) -> Outline:
    """Return the outline of a file with line feeds only."""
    return _Outliner(text, tree).outline()


class _Outliner:
    def __init__(self, text: str, tree: Mapping) -> None:
        self.text = text
        self.tree = tree
        self.below_blank = _lines_below_blank(text)
        self.root = self._container(tree)
        self.elements = list(_elements(self.root))
        self.starts = [element.start for _, element in self.elements]
        self.head: list[str] = []

    def outline(self) -> Outline:
        for comment in comments(self.text, self.tree):
            if comment.own_line or not self._stands_behind(comment):
                lines = self._above(comment)
                if self._is_below_blank(comment.start) and (lines or lines is not self.head):
                    lines.append("")
                lines.append(comment.text)
        for _, element in self.elements:
            if self._is_below_blank(element.start):
                element.lead.append("")
        if self.root.elements:
            first = self.root.elements[0]
            self.head, first.lead = [*self.head, *(first.lead if self.head else [])], []
        return Outline(self.root, self.head)

    def _container(self, node: YamlNode) -> Container:
        assert not isinstance(node, Scalar)
        flow = self.text[node.start : node.start + 1] in ("{", "[")
        column = self._column(node.start)
        if isinstance(node, Mapping):
            elements = [
                Element(entry.key, self._value(entry.value), entry.key.start, self._column(entry.key.start))
                for entry in node
            ]
        else:
            elements = [
                Element(None, self._value(item), item.start, self._column(item.start) if flow else column)
                for item in node.items
            ]
        return Container(isinstance(node, Mapping), flow, node.start, node.end, column, elements)

    def _value(self, node: YamlNode) -> Scalar | Container:
        return node if isinstance(node, Scalar) else self._container(node)

    def _column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)

    def _is_below_blank(self, at: int) -> bool:
        """Tell whether an offset begins its line, and the line above is blank."""
        line = self.text.rfind("\n", 0, at) + 1
        return line in self.below_blank and not self.text[line:at].strip(" -")

    # Where a comment belongs.

    def _stands_behind(self, comment: Comment) -> bool:
        """Give a comment to what it stands behind on its line; False where there is nothing."""
        line = self.text.rfind("\n", 0, comment.start) + 1
        best: tuple[int, int] = (line, 0)
        lines: list[str] | None = None
        for depth, element in self.elements:
            if element.start > comment.start:
                break
            for end, owner in self._ends(element):
                if best <= (end, depth) and line < end <= comment.start:
                    best, lines = (end, depth), owner
        if lines is None:
            return False
        lines.append(comment.text)
        return True

    def _ends(self, element: Element) -> Iterator[tuple[int, list[str]]]:
        """Yield where an element's key and value end, with the comments behind them."""
        key, value = element.key, element.value
        if key is not None:
            yield self.text.find(":", key.end) + 1, element.on_key
        if isinstance(value, Scalar) and value.style in ("|", ">"):
            yield value.start + 1, element.behind
        elif value.end > value.start:
            yield value.end, element.behind

    def _above(self, comment: Comment) -> list[str]:
        """Return the lines that a comment on its own line joins."""
        at = bisect_right(self.starts, comment.start)
        below = self.elements[at][1] if at < len(self.elements) else None
        if at == 0:
            return self.head
        above = self.elements[at - 1][1]
        value = above.value
        is_block = isinstance(value, Container) and not value.flow
        if above.key is not None and not is_block and above.key.end <= comment.start < value.start:
            return above.lead
        flow = _innermost_flow(self.root, comment.start)
        if flow is not None:
            return below.lead if below is not None and below.start < flow.end else flow.foot
        column = -1 if below is None else below.column
        if comment.own_line:
            for container in reversed(_closed(self.root, above, below)):
                if column < container.column <= comment.column:
                    return container.foot
        return self.root.foot if below is None else below.lead


def _elements(container: Container, depth: int = 0) -> Iterator[tuple[int, Element]]:
    """Yield every element with its depth, in written order."""
    for element in container.elements:
        yield depth, element
        if isinstance(element.value, Container):
            yield from _elements(element.value, depth + 1)


def _innermost_flow(container: Container, at: int) -> Container | None:
    found = container if container.flow and container.start < at < container.end else None
    for element in container.elements:
        value = element.value
        if isinstance(value, Container) and value.start < at < value.end:
            found = _innermost_flow(value, at) or found
    return found


def _closed(root: Container, above: Element, below: Element | None) -> list[Container]:
    """Return the block containers that end between two neighbouring elements, outermost first."""
    chain: list[Container] = []
    at: Container | None = root
    while at is not None:
        holds_below = below is not None and any(below is element for _, element in _elements(at))
        if not holds_below and not at.flow:
            chain.append(at)
        at = next(
            (
                element.value
                for element in at.elements
                if isinstance(element.value, Container)
                and (element is above or any(above is inner for _, inner in _elements(element.value)))
            ),
            None,
        )
    return chain


def _lines_below_blank(text: str) -> frozenset[int]:
    """Return the offsets of lines below a blank one."""
    found: set[int] = set()
    at = 0
    previous_blank = False
    for line in text.split("\n"):
        if previous_blank:
            found.add(at)
        previous_blank = not line.strip()
        at += len(line) + 1
    return frozenset(found)
