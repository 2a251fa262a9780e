"""Tabs: refused wherever they could be taken for indentation or for a separator.

They may stand in comments and inside quoted text, and in a block of text behind its first visible
character. The two YAML readers disagree about some of the others, and people cannot see them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

import yaml

from kpidsl.diagnostics import Sink
from kpidsl.loading import errors
from kpidsl.source import SourceFile, Span

_TAB = re.compile("\t")
_IN_FRONT = re.compile(r"(?:^|(?<=[\r\n]))[ ]*(\t)[ \t]*(?![ \t#\r\n]|\Z)")


def without_tabs(file: SourceFile, sink: Sink, loader: Any) -> str | None:
    """Return the text with a blank for each tab outside of text, or None where one is refused.

    Offsets stay as they are. A file that does not read even with blanks for its tabs is returned
    as such, for the syntax error to be found, unless tabs stand in front of a line.
    """
    blanked = file.text.replace("\t", " ")
    scalars: list[tuple[int, int, str]] = []
    try:
        for event in yaml.parse(blanked, Loader=loader):
            if isinstance(event, yaml.ScalarEvent) and event.style:
                scalars.append((event.start_mark.index, event.end_mark.index, event.style))
    except (yaml.YAMLError, ValueError, OverflowError):
        indented = _IN_FRONT.search(file.text)
        if indented is None:
            return blanked
        sink.report(errors.tab(Span(file, indented.start(1), indented.start(1) + 1)))
        return None
    starts = [start for start, _, _ in scalars]
    kept = list(blanked)
    for found in _TAB.finditer(file.text):
        at = found.start()
        nearest = bisect_right(starts, at) - 1
        inside = scalars[nearest][2] if nearest >= 0 and at < scalars[nearest][1] else ""
        if _is_refused(file, at, inside):
            sink.report(errors.tab(Span(file, at, at + 1)))
            return None
        if inside:
            kept[at] = "\t"
    return "".join(kept)


def _is_refused(file: SourceFile, at: int, inside: str) -> bool:
    if inside in ("'", '"') and inside:
        return False
    line, column = file.line_column(at)
    before = file.text[at - column + 1 : at]
    if inside:
        return not before.strip(" \t") or _is_header(before)
    return not re.search(r"(?:^|\s)#", before)


def _is_header(before: str) -> bool:
    """Return whether the tab stands on the line of the `|` or `>` itself."""
    return re.search(r"[|>][-+0-9]*\s*$", before) is not None
