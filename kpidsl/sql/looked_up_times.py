"""Times of an engine that looks the changes of a zone up, where they are many.

They stand in a table of the project's `zone_years`, found by the year; an instant outside makes the
statement fail.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.written_times import Shifts, WrittenTimes
from kpidsl.sql.written_zones import Piece, are_cut_in_utc

OUTSIDE = "outside zone_years"
"""How the message of a statement that failed begins."""

Row = tuple[int, datetime, datetime, int, int, datetime | None]
"""A row of a lookup table: the year, since when and until when, the shift, the way back, what begins."""


class LookedUpTimes(WrittenTimes):
    """Local times and buckets by the changes of zones; a subclass says how a table of them stands beside."""

    @abstractmethod
    def year(self, time: Node) -> Node:
        """Return a time's year, as a lookup table has it."""

    @abstractmethod
    def table(self, wanted: str, header: Sequence[str], rows: Sequence[Row]) -> str:
        """Return the name of a lookup table with those columns of the rows that the header names."""

    @abstractmethod
    def failing(self, text: str, time: Node) -> Node:
        """Return what makes the statement fail and tells the text; of a null time it is null."""

    def stopped(self, failing: Node, form: Callable[[Node], Node]) -> Node:  # noqa: ARG002
        """Return what fails in the place of a form of a time."""
        return failing

    def outside(self, time: Node) -> Node:
        """Return what makes the statement fail with the instant's own text; of null it is null."""
        first, last = self.cut.zone_years
        return self.failing(f"{OUTSIDE} {first}..{last}: ", time.copy())

    def of_many(
        self,
        time: Node,
        found: tuple[Piece, ...],
        days: Window | None,
        wanted: str,
        shift: Callable[[Shifts], Node],
        form: Callable[[Node], Node],
    ) -> Node:
        has_begins = any(piece.begins is not None for piece in found)
        in_utc = are_cut_in_utc(found)
        header = ["year", "since", "until", "shift"]
        header += [] if in_utc else ["back"]
        header += ["begins"] if has_begins else []
        name = self.table(wanted, header, [_row(part) for whole in found for part in by_year(whole)])
        shifts = Shifts(
            nodes.column(name, "shift"),
            None if in_utc else nodes.column(name, "back"),
            nodes.column(name, "begins") if has_begins else None,
        )
        lookup = exp.Select(
            expressions=[form(shift(shifts))],
            from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
            where=exp.Where(
                this=nodes.all_of(
                    [
                        nodes.compare(exp.EQ, nodes.column(name, "year"), self.year(time.copy())),
                        nodes.compare(exp.LTE, nodes.column(name, "since"), time.copy()),
                        nodes.compare(exp.LT, time.copy(), nodes.column(name, "until")),
                    ]
                )
            ),
        )
        subquery = exp.Subquery(this=lookup)
        if days is not None:
            return subquery
        return exp.Coalesce(this=subquery, expressions=[self.stopped(self.outside(time), form)])


def _row(piece: Piece) -> Row:
    back = piece.to_utc - piece.to_local
    return piece.since.year, piece.since, piece.until, piece.to_local, back, piece.begins


def by_year(piece: Piece) -> Iterator[Piece]:
    """Yield a piece cut at the turns of the years; only its first part may begin with the change."""
    since, begins = piece.since, piece.begins
    while since < piece.until:
        until = min(piece.until, datetime(since.year + 1, 1, 1))
        yield replace(piece, since=since, until=until, begins=begins)
        since, begins = until, None
