"""Times of an engine whose zones are not asked: many changes of a zone are joined, a row of each year.

A join by the year alone has one row for each time, and the row has all changes of its year:

    LEFT JOIN zone ON zone.of_year = EXTRACT(YEAR FROM t.at)
    t.at + CASE WHEN t.at < zone.until_1 THEN zone.shift_1 ELSE zone.shift_2 END

They are written as lookups by the year, of which `joined_lookups` makes the join. An instant outside of the
project's `zone_years` makes the statement fail.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime
from itertools import groupby

from sqlglot import exp

from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.looked_up_times import by_year
from kpidsl.sql.nodes import Node
from kpidsl.sql.written_times import Shifts, WrittenTimes
from kpidsl.sql.written_zones import Piece, are_cut_in_utc

_LONG_AGO = datetime(1, 1, 1)
# YEAR and UNTIL are words of some dialects.
_YEAR, _UNTIL, _SHIFT, _BACK, _BEGINS = "of_year", "until", "shift", "back", "begins"


class JoinedTimes(WrittenTimes):
    """Local times and buckets by the changes of zones, of which a year has one row."""

    @abstractmethod
    def year(self, time: Node) -> Node:
        """Return a time's year, an integer."""

    def later(self, left: Node, right: Node) -> Node:
        return nodes.case([(nodes.compare(exp.LT, left, right), right.copy())], left.copy())

    def shown(self, instant: Node) -> Node:
        return instant

    def outside(self, time: Node) -> Node:
        return self.shifted(time.copy(), self._failing(time))

    def of_many(
        self,
        time: Node,
        found: tuple[Piece, ...],
        days: Window | None,
        wanted: str,
        shift: Callable[[Shifts], Node],
        form: Callable[[Node], Node],
    ) -> Node:
        years = {
            year: list(pieces)
            for year, pieces in groupby(
                (part for whole in found for part in by_year(whole)), lambda piece: piece.since.year
            )
        }
        most = max(map(len, years.values()))
        parts = [_SHIFT]
        parts += [] if are_cut_in_utc(found) else [_BACK]
        parts += [_BEGINS] if any(piece.begins is not None for piece in found) else []
        # The last part of a year ends with it.
        columns = [
            (place, part)
            for place in range(most)
            for part in (*parts, *((_UNTIL,) if place < most - 1 else ()))
        ]
        header = [_YEAR, *(_numbered(part, place) for place, part in columns)]
        rows = [
            (
                nodes.integer(year),
                *(self._cells(_filled(pieces, most)[place])[part] for place, part in columns),
            )
            for year, pieces in years.items()
        ]
        name = self.tables.typed(wanted, header, rows)

        def looked_up(part: str, place: int) -> Node:
            return self._looked_up(name, _numbered(part, place), time)

        def told(part: str) -> Node:
            branches = [
                (nodes.compare(exp.LT, time.copy(), looked_up(_UNTIL, place)), looked_up(part, place))
                for place in range(most - 1)
            ]
            last = looked_up(part, most - 1)
            return nodes.case(branches, last) if branches else last

        to_local = told(_SHIFT)
        if days is None or days.start is None or days.end is None:
            to_local = exp.Coalesce(this=to_local, expressions=[self._failing(time)])
        back, begins = (told(part) if part in parts else None for part in (_BACK, _BEGINS))
        return form(shift(Shifts(to_local, back, begins)))

    def _looked_up(self, name: str, column: str, time: Node) -> Node:
        lookup = exp.Select(
            expressions=[nodes.column(name, column)],
            from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
            where=exp.Where(this=nodes.compare(exp.EQ, nodes.column(name, _YEAR), self.year(time.copy()))),
        )
        return exp.Subquery(this=lookup)

    def _cells(self, piece: Piece) -> dict[str, Node]:
        return {
            _UNTIL: self.moment(piece.until),
            _SHIFT: nodes.integer(piece.to_local),
            _BACK: nodes.integer(piece.to_utc - piece.to_local),
            _BEGINS: self.moment(piece.begins or _LONG_AGO),
        }

    def _failing(self, time: Node) -> Node:
        """Return a number that divides by zero where a time is outside; of null it does not.

        It does so of no other time, even where an engine computes it for all.
        """
        first, last = self.cut.zone_years
        is_outside = nodes.any_of(
            [
                nodes.compare(exp.LT, time.copy(), self.moment(datetime(first, 1, 1))),
                nodes.compare(exp.GTE, time.copy(), self.moment(datetime(last + 1, 1, 1))),
            ]
        )
        divisor = nodes.case([(is_outside, nodes.integer(0))], nodes.integer(1))
        return nodes.binary(exp.Div, nodes.integer(1), divisor)


def _filled(pieces: list[Piece], most: int) -> list[Piece]:
    """Return the pieces of a year, the last of them again and again until there are so many."""
    return pieces + pieces[-1:] * (most - len(pieces))


def _numbered(part: str, place: int) -> str:
    return f"{part}_{place + 1}"
