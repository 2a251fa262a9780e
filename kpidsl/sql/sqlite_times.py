"""Times of SQLite, which has no time zones: the changes of a zone are written out.

Over a period they are few and stand in a CASE. Without one they stand in a table of the project's
`zone_years`, found by the year; an instant outside makes the statement fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from kpidsl.model.grains import GrainRule, bucket_seconds
from kpidsl.model.zones import is_utc
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.nodes import Node
from kpidsl.sql.times import Times, written
from kpidsl.sql.written_zones import Piece, are_cut_in_utc, pieces, reach, same_buckets, same_local

_MOST_BRANCHES = 6

OUTSIDE = "outside zone_years"
"""How the message of a statement that failed begins."""


@dataclass(frozen=True, slots=True)
class _Shifts:
    """What a piece adds, as nodes: constants, or columns of a lookup table."""

    to_local: Node | None
    to_utc: Node | None
    begins: Node | None


class SqliteTimes(Times):
    writes_zones = True

    def local(self, time: Node, zone: str, days: Window | None) -> Node:
        time = self.once(time)
        fraction = nodes.call("SUBSTR", time.copy(), nodes.integer(20))
        return nodes.binary(exp.DPipe, self.of_local(time, zone, days, lambda local: local), fraction)

    def utc(self, time: Node, zone: str) -> Node:
        time = self.once(time)
        found = same_local(pieces(zone, "UTC", *self._range(zone, None)))
        whole = self._by_piece(
            time,
            found,
            None,
            f"utc_of_{zone}",
            lambda shifts: _shifted(_whole(time), shifts.to_local),
            lambda moment: moment,
        )
        return nodes.binary(exp.DPipe, whole, nodes.call("SUBSTR", time.copy(), nodes.integer(20)))

    def of_local(
        self, time: Node, zone: str | None, days: Window | None, form: Callable[[Node], Node]
    ) -> Node:
        if zone is None:
            return form(_whole(time))
        time = self.once(time)
        found = same_local(pieces(zone, self.cut.zone, *self._range(zone, days)))
        return self._by_piece(
            time, found, days, f"local_time_of_{zone}", lambda s: _shifted(_whole(time), s.to_local), form
        )

    def shown(self, instant: Node) -> Node:
        return nodes.binary(exp.DPipe, instant, nodes.text("+00:00"))

    def instant_bucket(self, rule: GrainRule, time: Node, zone: str | None, days: Window | None) -> Node:
        held_in = zone or self.cut.zone
        pattern = nodes.text("%Y-%m-%d %H:00:00" if rule.name == "hour" else "%Y-%m-%d %H:%M:00")
        if is_utc(held_in) and is_utc(self.cut.zone):
            return nodes.call("STRFTIME", pattern, _whole(time))
        unbroken = pieces(held_in, self.cut.zone, *self._range(held_in, days))
        found = same_buckets(unbroken, bucket_seconds(rule))
        time = self.once(time)
        in_utc = are_cut_in_utc(found)

        def cut(shifts: _Shifts) -> Node:
            floor = nodes.call("STRFTIME", pattern.copy(), _shifted(_whole(time), shifts.to_local))
            bucket = floor if in_utc else _shifted(floor, shifts.to_utc)
            return bucket if shifts.begins is None else nodes.call("MAX", bucket, shifts.begins)

        return self._by_piece(time, found, days, f"{rule.name}s_of_{held_in}", cut, lambda bucket: bucket)

    def _range(self, zone: str, days: Window | None) -> tuple[datetime, datetime]:
        if days is not None and days.start is not None and days.end is not None:
            return reach(zone, self.cut.zone, days.start, days.end)
        first, last = self.cut.zone_years
        return datetime(first, 1, 1), datetime(last + 1, 1, 1)

    def _by_piece(
        self,
        time: Node,
        found: tuple[Piece, ...],
        days: Window | None,
        wanted: str,
        shift: Callable[[_Shifts], Node],
        form: Callable[[Node], Node],
    ) -> Node:
        if len(found) > _MOST_BRANCHES:
            return self._looked_up(time, found, days, wanted, shift, form)
        branches = [(_before(time, piece.until), shift(_constants(piece))) for piece in found]
        if days is None:
            branches.insert(0, (_before(time, found[0].since), self._stop(time)))
            return form(nodes.case(branches, self._stop(time)))
        last = branches.pop()[1]
        return form(nodes.case(branches, last) if branches else last)

    def _looked_up(
        self,
        time: Node,
        found: tuple[Piece, ...],
        days: Window | None,
        wanted: str,
        shift: Callable[[_Shifts], Node],
        form: Callable[[Node], Node],
    ) -> Node:
        has_begins = any(piece.begins is not None for piece in found)
        in_utc = are_cut_in_utc(found)
        header = ["year", "since", "until", "shift"]
        header += [] if in_utc else ["back"]
        header += ["begins"] if has_begins else []
        rows: list[tuple[str, ...]] = []
        for piece in (part for whole in found for part in _by_year(whole)):
            cells = [f"{piece.since.year:04d}", _edge(piece.since), _edge(piece.until)]
            cells.append(_modifier(piece.to_local))
            cells += [] if in_utc else [_modifier(piece.to_utc - piece.to_local)]
            cells += [written(piece.begins) if piece.begins else ""] if has_begins else []
            rows.append(tuple(cells))
        name = self.tables.constants(wanted, header, rows)
        year = nodes.call("SUBSTR", time.copy(), nodes.integer(1), nodes.integer(4))
        shifts = _Shifts(
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
                        nodes.compare(exp.EQ, nodes.column(name, "year"), year),
                        nodes.compare(exp.LTE, nodes.column(name, "since"), time.copy()),
                        nodes.compare(exp.LT, time.copy(), nodes.column(name, "until")),
                    ]
                )
            ),
        )
        subquery = exp.Subquery(this=lookup)
        return subquery if days is not None else exp.Coalesce(this=subquery, expressions=[self._stop(time)])

    def _stop(self, time: Node) -> Node:
        """Return what makes the statement fail with the instant's own text; of null it is null."""
        first, last = self.cut.zone_years
        text = nodes.text(f"{OUTSIDE} {first}..{last}: ")
        return nodes.call("JSON_EXTRACT", nodes.text("{}"), nodes.binary(exp.DPipe, text, time.copy()))


def _whole(time: Node) -> Node:
    # Its date functions round to milliseconds: 23:59:59.999999 would be the next day.
    return nodes.call("SUBSTR", time.copy(), nodes.integer(1), nodes.integer(19))


def _before(time: Node, moment: datetime) -> Node:
    return nodes.compare(exp.LT, time.copy(), nodes.text(written(moment)))


def _by_year(piece: Piece) -> Iterator[Piece]:
    """Yield a piece cut at the turns of the years; only its first part may begin with the change."""
    since, begins = piece.since, piece.begins
    while since < piece.until:
        until = min(piece.until, datetime(since.year + 1, 1, 1))
        yield replace(piece, since=since, until=until, begins=begins)
        since, begins = until, None


def _edge(moment: datetime) -> str:
    """Return a moment without zeros at its end: as text it compares with whole times in the same way."""
    return written(moment).removesuffix(":00").removesuffix(" 00:00")


def _shifted(time: Node, shift: Node | None) -> Node:
    return time if shift is None else nodes.call("DATETIME", time, shift.copy())


def _constants(piece: Piece) -> _Shifts:
    back = piece.to_utc - piece.to_local
    return _Shifts(
        nodes.text(_modifier(piece.to_local)) if piece.to_local else None,
        nodes.text(_modifier(back)) if back else None,
        None if piece.begins is None else nodes.text(written(piece.begins)),
    )


def _modifier(seconds: int) -> str:
    """Return a number of seconds as SQLite's date functions take it: `+05:30`."""
    if abs(seconds) >= 86_400:
        return f"{seconds:+d} seconds"
    sign = "-" if seconds < 0 else "+"
    minutes, rest = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "")
