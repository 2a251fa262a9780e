"""Source files to located YAML trees.

The tree is built from the parser's events, without recursion: PyYAML's own composers crash or
recurse without bound on nested brackets. Scalars follow rules like those of YAML 1.2, so that `no`,
`on`, `12:30`, `012` and dates stay the texts that their authors wrote.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kpidsl.diagnostics import Diagnostic, Sink
from kpidsl.loading import errors
from kpidsl.loading.plain_values import plain_value
from kpidsl.loading.templates import in_line
from kpidsl.loading.yaml_nodes import Entry, Mapping, Scalar, Sequence, YamlNode
from kpidsl.source import SourceFile, Span

DEEPEST = 64
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MOST_REPORTS = 50
_DEEPEST_OF_LIBYAML = 1_000
# Besides the C0 and C1 controls: line separators, which YAML and editors count differently, and the
# marks that turn the direction of writing, with which a text can show itself as another one.
_UNSEEN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_CUT_NUMBER = re.compile(r"(?P<key>\w+): +(?P<number>-?\d+),$")
_LONGEST_CUT = 100
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_yaml(file: SourceFile, sink: Sink, loader: Any = LOADER) -> YamlNode | None:
    """Return the tree of a file; None where it has no content, or after reporting why there is none.

    `loader` is a PyYAML loader class; all of them give the same tree.
    """
    unseen = _UNSEEN.search(file.text)
    if unseen is not None:
        span = Span(file, unseen.start(), unseen.end())
        sink.report(errors.tab(span) if unseen[0] == "\t" else errors.control_character(span, unseen[0]))
        return None
    builder = _TreeBuilder(file, sink)
    try:
        parser = loader(file.text)
        try:
            builder.take_events(parser)
        except (ValueError, OverflowError):
            # PyYAML's own parser so refuses an escape beyond Unicode, with its mark behind the `\\`.
            raise yaml.MarkedYAMLError(problem_mark=parser.get_mark()) from None
        finally:
            parser.dispose()
    except yaml.YAMLError as error:
        if loader is not yaml.SafeLoader and _nests_past_libyaml(file.text):
            return parse_yaml(file, sink, yaml.SafeLoader)
        # Only what does not read needs it.
        from kpidsl.loading.yaml_syntax import syntax_error

        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        if mark is None or mark.index > builder.template_end:
            # What stands behind a template on its line is told with it.
            sink.report(syntax_error(file, error, builder.open_bracket()))
        return None
    return None if builder.refused else builder.root


def _nests_past_libyaml(text: str) -> bool:
    """Tell whether libyaml may have given up on brackets before it told of the first of them.

    It reads ahead, and newer ones stop at a depth of 1,000; the parser in Python tells of each.
    """
    return text.count("[") + text.count("{") >= _DEEPEST_OF_LIBYAML


class _Frame:
    """An open list or mapping."""

    __slots__ = ("entries", "flow", "items", "key", "start")

    def __init__(self, start: int, flow: bool, items: list[YamlNode] | None) -> None:
        self.start = start
        self.flow = flow
        self.items = items
        self.entries: dict[str, Entry] = {}
        self.key: Scalar | None = None


class _TreeBuilder:
    """Takes the events of one file; `root` is the tree, `refused` says that it has holes."""

    def __init__(self, file: SourceFile, sink: Sink) -> None:
        self.file = file
        self.sink = sink
        self.root: YamlNode | None = None
        self.refused = False
        self.frame: _Frame | None = None
        self.open: list[_Frame | None] = []
        self.last_end = 0
        self.template_end = 0
        self.reports = 0

    def take_events(self, parser: Any) -> None:
        next_event = parser.get_event
        documents = 0
        while self.reports <= _MOST_REPORTS:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if len(self.open) >= DEEPEST:
                    start = event.start_mark.index
                    return self._refuse(errors.too_deep(self._span(start, start + 1), DEEPEST))
                if event.anchor is not None or event.tag is not None:
                    self._properties(event)
                self.open.append(self.frame)
                self.frame = _Frame(
                    event.start_mark.index, event.flow_style, [] if kind is SequenceStartEvent else None
                )
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._end(event)
            elif kind is AliasEvent:
                span = self._span(event.start_mark.index, event.end_mark.index)
                if not self._merges():
                    self._refuse(errors.alias(span, span.excerpt()))
                self._add(Scalar(None, "", "", self.file, span.start, span.end))
            elif kind is DocumentStartEvent:
                documents += 1
                if documents > 1:
                    start = event.start_mark.index
                    return self._refuse(errors.several_documents(self._span(start, event.end_mark.index)))
            elif kind is StreamEndEvent:
                return None
        return None

    def open_bracket(self) -> int | None:
        """Return where the innermost list or mapping begins, if it stands in brackets."""
        return self.frame.start if self.frame is not None and self.frame.flow else None

    def _span(self, start: int, end: int) -> Span:
        return Span(self.file, start, end)

    def _refuse(self, diagnostic: Diagnostic) -> None:
        self.refused = True
        self._report(diagnostic)

    def _report(self, diagnostic: Diagnostic) -> None:
        self.reports += 1
        self.sink.report(diagnostic)

    def _properties(self, event: Any) -> None:
        """Report the anchor and the tag before a node."""
        text = self.file.text
        at = event.start_mark.index
        while text[at : at + 1] in ("&", "!"):
            end = at
            while end < len(text) and text[end] not in " \r\n,[]{}":
                end += 1
            span = self._span(at, end)
            if text[at] == "!":
                # What the value is without it, its author did not mean.
                self._refuse(errors.tag(span, span.excerpt()))
            else:
                self._report(errors.alias(span, span.excerpt()))
            at = end
            while text[at : at + 1] in (" ", "\r", "\n"):
                at += 1

    def _merges(self) -> bool:
        """Return whether the next node stands behind `<<`, which has been reported."""
        key = None if self.frame is None else self.frame.key
        return key is not None and key.text == "<<" and not key.quoted

    def _scalar(self, event: Any) -> None:
        text = event.value
        start, end = event.start_mark.index, event.end_mark.index
        file = self.file
        style = event.style
        if event.anchor is not None or event.tag is not None:
            self._properties(event)
        if style == '"' and _SURROGATE.search(text):
            # libyaml refuses such escapes, PyYAML's own parser lets them pass.
            raise yaml.MarkedYAMLError(problem_mark=event.start_mark)
        # A block scalar's mark ends below its blank lines; a mapping around it ends with its text.
        self.last_end = start + len(file.text[start:end].rstrip()) if style in ("|", ">") else end
        self._add(Scalar(text if style else plain_value(text), text, style or "", file, start, end))

    def _add(self, node: YamlNode) -> None:
        frame = self.frame
        if frame is None:
            self.root = node
        elif frame.items is not None:
            frame.items.append(node)
        elif frame.key is None:
            frame.key = self._key(node)
        else:
            key = frame.key
            frame.key = None
            first = frame.entries.setdefault(key.text, entry := Entry(key, node))
            if first is not entry:
                both = len(self.open) != 2 and isinstance(node, Mapping) and isinstance(first.value, Mapping)
                self._report(errors.duplicate_key(key.span, first.key.span, key.text, both))

    def _key(self, node: YamlNode) -> Scalar:
        """Return a key; one that is no text is reported, and stands in the tree by its text."""
        if not isinstance(node, Scalar):
            template = in_line(self.file.text, node.start)
            if template is not None:
                start, self.template_end, written = template
                self._refuse(errors.template(self._span(start, self.template_end), written))
                return Scalar("", "", "", self.file, node.start, node.start)
            # Other tools put a name into two pairs of braces.
            in_braces = isinstance(node, Mapping) and self.file.text[node.start - 1 : node.start + 1] == "{{"
            names = ", ".join(f"`{name}`" for name in node.entries) if isinstance(node, Mapping) else ""
            self._refuse(
                errors.bad_key(
                    node.span,
                    "a list or a mapping stands as a key",
                    f"names stand without braces: {names}"
                    if in_braces and names
                    else "a formula or text with `{` or `[` stands in quotes",
                )
            )
            return Scalar("", "", "", self.file, node.start, node.start)
        if not node.quoted and node.text == "<<":
            self._refuse(errors.merge_key(node.span))
        elif type(node.value) is not str and not self.refused:
            before = _CUT_NUMBER.search(self.file.text, max(0, node.start - _LONGEST_CUT), node.start)
            if type(node.value) is int and before is not None:
                whole = Span(self.file, before.start("number"), node.end)
                self._refuse(errors.decimal_comma(whole, before["key"], before["number"], node.text))
            else:
                self._refuse(errors.key_no_text(node.span, node.text, type(node.value) in (int, float)))
        elif not node.quoted and node.text[:1].isspace():
            span = self._span(node.start, node.start + len(node.text) - len(node.text.lstrip()))
            self._refuse(errors.odd_blank(span, node.text[0]))
        return node

    def _end(self, event: Any) -> None:
        frame = self.frame
        assert frame is not None
        self.frame = self.open.pop()
        end = event.end_mark.index if frame.flow else self.last_end
        self.last_end = end
        end = max(end, frame.start)
        if frame.items is not None:
            self._add(Sequence(tuple(frame.items), self.file, frame.start, end))
        else:
            self._add(Mapping(frame.entries, self.file, frame.start, end))
