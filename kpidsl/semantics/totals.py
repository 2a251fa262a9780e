"""Totals, top and fill: rows that a query adds to its own, and those that it leaves out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kpidsl.diagnostics import Sink
from kpidsl.semantics import totals_errors as errors
from kpidsl.semantics.bound import Grain, Member
from kpidsl.source import SourceText, Span

Totals = Literal["rollup", "cube"]

MOST_ROWS = 2**31 - 1
MOST_CUBE_MEMBERS = 8
"""256 kinds of rows; engines take a few hundred parts of a UNION."""

_WORDS: dict[str, Totals | None] = {"true": "rollup", "rollup": "rollup", "cube": "cube", "false": None}
_TOP = re.compile(r"\s*(\d{1,12})\s+by\s+(-?)\s*([a-z][a-z0-9_]*)(\s+others)?\s*")


@dataclass(frozen=True, slots=True)
class Top:
    """The first `count` members by a column of the result; `gathers` puts the rest into one row."""

    count: int
    column: str
    descending: bool
    gathers: bool


def totals_asked(part: SourceText, span: Span, members: Sequence[Member], sink: Sink) -> Totals | None:
    """Return which totals are asked for, or None: none, or a mistake that is reported."""
    word = part.text.strip()
    if word not in _WORDS:
        sink.report(errors.totals(span, word))
        return None
    if _WORDS[word] == "cube" and len(members) > MOST_CUBE_MEMBERS:
        sink.report(errors.cube(span, len(members), MOST_CUBE_MEMBERS))
        return None
    return _WORDS[word]


def top_asked(
    part: SourceText, span: Span, members: Sequence[Member], columns: Sequence[str], sink: Sink
) -> Top | None:
    """Return the ranking that is asked for, or None after reporting what is wrong with it."""
    read = _TOP.fullmatch(part.text)
    if read is None or not 1 <= int(read[1]) <= MOST_ROWS:
        sink.report(errors.top(span, part.text.strip(), columns[0] if columns else "revenue"))
        return None
    if read[3] not in columns:
        sink.report(errors.top_column(Span(part, read.start(3), read.end(3)), read[3], columns))
        return None
    if not members:
        sink.report(errors.top_of_nothing(span))
        return None
    return Top(int(read[1]), read[3], not read[2], read[4] is not None)


def check_fill(span: Span, members: Sequence[Member], top: SourceText | None, sink: Sink) -> None:
    """Report where there are no empty buckets to add."""
    grains = [member.name for member in members if isinstance(member, Grain)]
    if not grains:
        sink.report(errors.fill(span))
    elif top is not None and len(grains) == len(members):
        sink.report(errors.fill_of_ranked_buckets(span, grains[0]))


def ranked(members: Sequence[Member]) -> tuple[Member, ...]:
    """Return the members that `top` ranks: all but the time buckets, or these where there is no other."""
    others = tuple(member for member in members if not isinstance(member, Grain))
    return others or tuple(members)
