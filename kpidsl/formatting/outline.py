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
        self.elements = list(_nested(self.root, ()))
        self.starts = [nested.element.start for nested in self.elements]
        self.head: list[str] = []

    def outline(self) -> Outline:
        for comment in comments(self.text, self.tree):
            if comment.own_line or not self._stands_behind(comment):
                lines = self._above(comment)
                if self._is_below_blank(comment.start) and (lines or lines is not self.head):
                    lines.append("")
                lines.append(comment.text)
        for nested in self.elements:
            if self._is_below_blank(nested.element.start):
                nested.element.lead.append("")
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
        """Give a comment to what it stands behind on its line; False where there is nothing.

        That can only be something that begins on this line, or something around what comes before it.
        """
        line = self.text.rfind("\n", 0, comment.start) + 1
        best: tuple[int, int] = (line, 0)
        lines: list[str] | None = None
        at = bisect_right(self.starts, comment.start) - 1
        while at >= 0:
            nested = self.elements[at]
            begins_here = nested.element.start >= line
            around = () if begins_here else nested.around
            for depth, element in enumerate((*around, nested.element), nested.depth - len(around)):
                for end, owner in self._ends(element):
                    if best <= (end, depth) and line < end <= comment.start:
                        best, lines = (end, depth), owner
            if not begins_here:
                break
            at -= 1
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
        if at == 0:
            return self.head
        nested = self.elements[at - 1]
        above, value = nested.element, nested.element.value
        below = self.elements[at] if at < len(self.elements) else None
        is_block = isinstance(value, Container) and not value.flow
        if above.key is not None and not is_block and above.key.end <= comment.start < value.start:
            return above.lead
        containers = [element.value for element in (*nested.around, above)]
        for flow in reversed(containers):
            if isinstance(flow, Container) and flow.flow and flow.start < comment.start < flow.end:
                inside = below is not None and below.element.start < flow.end
                return below.element.lead if inside and below is not None else flow.foot
        if comment.own_line:
            # Deeper than what follows: the end of a mapping or list that ends here.
            column = -1 if below is None else below.element.column
            open_still = () if below is None else below.around
            for element in reversed((*nested.around, above)):
                ended = element.value
                if any(element is other for other in open_still) or not isinstance(ended, Container):
                    continue
                if not ended.flow and column < ended.column <= comment.column:
                    return ended.foot
        return self.root.foot if below is None else below.element.lead


@dataclass(frozen=True, slots=True)
class _Nested:
    """An element with those around it, outermost first."""

    element: Element
    around: tuple[Element, ...]

    @property
    def depth(self) -> int:
        return len(self.around)


def _nested(container: Container, around: tuple[Element, ...]) -> Iterator[_Nested]:
    """Yield every element, in written order."""
    for element in container.elements:
        yield _Nested(element, around)
        if isinstance(element.value, Container):
            yield from _nested(element.value, (*around, element))


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
