"""The canonical layout of an outline: one way to write each thing.

two blanks a level · keys in the order of their kind · one blank line at most, one between
sections and between definitions of several lines · brackets where they were and fit on the
line · no quotes that are not needed · formulas as the printer writes them, long ones over
several lines · comments behind neighbouring lines in one column
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kpidsl.diagnostics import Sink
from kpidsl.formatting.outline import Container, Element, Outline
from kpidsl.formatting.places import PLACES, Place
from kpidsl.formatting.scalars import block, inline, is_plain, quoted
from kpidsl.loading.plain_values import plain_value
from kpidsl.loading.yaml_nodes import Scalar
from kpidsl.source import SourceFile
from kpidsl.syntax import parse_formula, tree
from kpidsl.syntax.layout import lay_out

WIDTH = 110
ROW_WIDTH = 160
_LONGEST_ALIGNED = 64
_FARTHEST_ALIGNED = 4
_OWN_LINE = frozenset({"formula", "expr", "sql"})


@dataclass(slots=True)
class Line:
    """A line of the result; `comment` stands behind it. `is_text` belongs to a text of several lines."""

    text: str
    comment: str = ""
    is_text: bool = False


def write(outline: Outline, source: str, kind: str) -> str:
    """Return the canonical text of a file; `kind` is the kind of its whole, as in `places`."""
    writer = _Writer(source)
    for text in _without_ends(outline.head):
        writer.lines.append(Line(text))
    if outline.head and not outline.head[-1] and outline.root.elements:
        writer.lines.append(Line(""))
    writer.container(outline.root, kind, 0)
    return _joined(writer.lines)


class _Writer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: list[Line] = []
        self.keeps_blanks = False

    def container(self, container: Container, kind: str, indent: int) -> None:
        place = PLACES[kind]
        spread = kind in ("definitions", "datasets", "dimensions", "figures", "objectives", "scorecards")
        was_long = False
        for number, element in enumerate(_in_order(container, place)):
            begin = len(self.lines)
            # Blank lines below a text that keeps its own belong to that.
            kept, self.keeps_blanks = self.keeps_blanks, False
            lead = element.lead if number and not kept else _without_ends(element.lead, only_start=True)
            self._lead(lead, indent)
            before_self = len(self.lines)
            self._element(element, place.under(None if element.key is None else element.key.text), indent)
            is_long = len(self.lines) - before_self > 1
            wants_blank = number and spread and (kind == "definitions" or (was_long and is_long))
            if wants_blank and not kept and self.lines[begin].text:
                self.lines.insert(begin, Line(""))
            was_long = is_long
        kept, self.keeps_blanks = self.keeps_blanks, False
        self._lead(_without_ends(container.foot, only_start=True) if kept else container.foot, indent)
        self.keeps_blanks = kept and not container.foot

    def _lead(self, lines: list[str], indent: int) -> None:
        for text in lines:
            if text:
                self.lines.append(Line(" " * indent + text))
            elif self.lines and self.lines[-1].text:
                self.lines.append(Line(""))

    def _element(self, element: Element, kind: str, indent: int) -> None:
        behind = [*element.on_key, *element.behind]
        value = element.value
        start = "- " if element.key is None else f"{inline(element.key, flow=False)}: "
        prefix = " " * indent + start
        shown: list[str] | None
        if isinstance(value, Scalar):
            shown = self._scalar(value, PLACES[kind], indent, len(prefix))
        elif not value.elements:
            behind = [*filter(None, value.foot), *behind]
            shown = ["{}" if value.is_mapping else "[]"]
        else:
            flow = self._flow(value, kind, len(prefix))
            shown = None if flow is None else [flow]
        if shown is None and element.key is None:
            self._lead(behind, indent)
            assert isinstance(value, Container)
            self._item(value, kind, indent)
            return
        self._lead(behind[:-1], indent)  # a line can bear one only
        first, *rest = shown if shown is not None else [""]
        self.lines.append(Line((prefix + first).rstrip(), behind[-1] if behind else ""))
        self.lines.extend(Line(text, is_text=True) for text in rest)
        if shown is None:
            assert isinstance(value, Container)
            self.container(value, kind, indent + 2)

    def _item(self, value: Container, kind: str, indent: int) -> None:
        """Write a list's item that is itself a mapping or a list: its first line behind the dash."""
        begin = len(self.lines)
        self.container(value, kind, indent + 2)
        above: list[Line] = []
        for number, line in enumerate(self.lines[begin:], begin):
            if line.text and not line.text.lstrip(" ").startswith("#"):
                line.text = " " * indent + "- " + line.text[indent + 2 :]
                # Comments stand above the dash, or they would seem to end the item before.
                self.lines[begin:number] = above
                return
            if line.text:
                above.append(Line(" " * indent + line.text.lstrip(" ")))

    # Scalars.

    def _scalar(self, scalar: Scalar, place: Place, indent: int, used: int) -> list[str]:
        """Return a scalar's lines: the first behind its key, the others with their indentation."""
        if place.is_formula and scalar.text.strip():
            formula = self._formula(scalar, indent, used)
            if formula is not None:
                return formula
        if scalar.style in ("|", ">"):
            header, lines = block(scalar, self.source, indent + 2)
            self.keeps_blanks = "+" in header
            return [header, *lines]
        shown = inline(scalar, flow=False)
        written = self.source[scalar.start : scalar.end]
        if "\n" in written and "\n" not in scalar.text and used + len(shown) > WIDTH and _wraps(scalar.text):
            return [">-", *_wrapped(scalar.text, indent + 2)]
        return [shown]

    def _formula(self, scalar: Scalar, indent: int, used: int) -> list[str] | None:
        expr = _parsed(scalar.text)
        if expr is None:
            return None
        lines = lay_out(expr, WIDTH - used)
        if len(lines) == 1:
            text = lines[0]
            if scalar.quoted and type(plain_value(text)) is not str:
                return [quoted(text)]
            if is_plain(text, flow=False):
                return [text]
            if "\n" not in self.source[scalar.start : scalar.end]:
                return [quoted(text)]
        if "\n" in _texts(expr):
            return None
        lines = lay_out(expr, WIDTH - indent - 2)
        return [">-", *(" " * (indent + 2) + line for line in lines)]

    # Brackets.

    def _flow(self, container: Container, kind: str, used: int) -> str | None:
        """Return a mapping or list in brackets, or None where it is to be written line by line."""
        if not container.flow or container.has_comments or PLACES[kind].is_block:
            return None
        shown = self._brackets(container, kind)
        if shown is None or used + len(shown) > (ROW_WIDTH if PLACES[kind].is_row else WIDTH):
            return None
        return shown

    def _brackets(self, container: Container, kind: str) -> str | None:
        place = PLACES[kind]
        parts = []
        for element in _in_order(container, place):
            key = None if element.key is None else element.key.text
            if key in _OWN_LINE and kind != "row":
                return None
            inner = place.under(key)
            if isinstance(element.value, Scalar):
                shown = self._in_brackets(element.value, PLACES[inner])
            else:
                shown = self._brackets(element.value, inner) if element.value.elements else None
                if not element.value.elements:
                    shown = "{}" if element.value.is_mapping else "[]"
            if shown is None:
                return None
            parts.append(shown if element.key is None else f"{inline(element.key, flow=True)}: {shown}")
        inside = ", ".join(parts)
        return f"{{{inside}}}" if container.is_mapping else f"[{inside}]"

    def _in_brackets(self, scalar: Scalar, place: Place) -> str | None:
        if not place.is_formula or type(scalar.value) is not str or not scalar.text.strip():
            return inline(scalar, flow=True)
        expr = _parsed(scalar.text)
        lines = [] if expr is None else lay_out(expr, WIDTH)
        if len(lines) == 1 and type(plain_value(lines[0])) is str:
            return lines[0] if is_plain(lines[0], flow=True) else None
        return inline(scalar, flow=True)


def _parsed(text: str) -> tree.Expr | None:
    return parse_formula(SourceFile("formula", text), Sink())


def _texts(expr: tree.Expr) -> str:
    """Return all strings of a formula: a line break in one cannot be folded."""
    found = [node.value for node in tree.walk(expr) if isinstance(node, tree.Text)]
    found.extend(node.pattern for node in tree.walk(expr) if isinstance(node, tree.Like))
    return "".join(found)


def _in_order(container: Container, place: Place) -> list[Element]:
    """Return a mapping's entries by the canonical order of their keys; a list as it is."""
    if not container.is_mapping or not place.keys:
        return container.elements
    order = {key: number for number, key in enumerate(place.keys)}
    last = order.get("tests", len(order))

    def rank(element: Element) -> float:
        assert element.key is not None
        own = element.key.text.startswith("x-")
        return order.get(element.key.text, len(order) if own else last - 0.5)

    return sorted(container.elements, key=rank)


def _without_ends(lines: list[str], *, only_start: bool = False) -> list[str]:
    """Return lines without blank ones at the start and the end."""
    kept = list(lines)
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1] and not only_start:
        kept.pop()
    return kept


def _wraps(text: str) -> bool:
    """Tell whether a text may be folded: nothing but single blanks between its words."""
    return text == " ".join(text.split()) and text.isprintable()


def _wrapped(text: str, indent: int) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += " " + word
        else:
            lines.append(" " * indent + word)
    return lines


def _joined(lines: list[Line]) -> str:
    """Return the text: comments behind lines near each other, of one depth, stand in one column."""
    for run in _runs(lines):
        aligned = [len(line.text) for line in run if len(line.text) <= _LONGEST_ALIGNED]
        column = max(aligned, default=0)
        for line in run:
            line.text = f"{line.text:<{column}}  {line.comment}"
    while lines and not lines[-1].text and not lines[-1].is_text:
        lines.pop()
    return "".join(f"{line.text}\n" for line in lines)


def _runs(lines: list[Line]) -> Iterator[list[Line]]:
    """Yield the lines with comments that stand near each other; a blank line or another depth parts them."""
    run: list[Line] = []
    depth: int | None = None
    apart = 0
    for line in lines:
        here = None if line.is_text or not line.text else len(line.text) - len(line.text.lstrip(" "))
        apart += 1
        if here != depth or apart > _FARTHEST_ALIGNED:
            yield run
            run, depth, apart = [], here, 0
        if line.comment:
            run.append(line)
            apart = 0
    yield run
