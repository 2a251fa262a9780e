"""Times of SQLite, which has no time zones and no type for times: they are texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlglot import exp

from kpidsl.model.grains import GrainRule
from kpidsl.sql import nodes
from kpidsl.sql.looked_up_times import LookedUpTimes, Row
from kpidsl.sql.nodes import Node
from kpidsl.sql.times import written


class SqliteTimes(LookedUpTimes):
    def whole(self, time: Node) -> Node:
        # Its date functions round to milliseconds: 23:59:59.999999 would be the next day.
        return nodes.call("SUBSTR", time.copy(), nodes.integer(1), nodes.integer(19))

    def with_fraction(self, moved: Node, time: Node) -> Node:
        return nodes.binary(exp.DPipe, moved, nodes.call("SUBSTR", time.copy(), nodes.integer(20)))

    def shift(self, seconds: int) -> Node:
        return nodes.text(_modifier(seconds))

    def shifted(self, time: Node, shift: Node) -> Node:
        return nodes.call("DATETIME", time, shift)

    def moment(self, moment: datetime) -> Node:
        return nodes.text(written(moment))

    def floor(self, rule: GrainRule, time: Node) -> Node:
        pattern = nodes.text("%Y-%m-%d %H:00:00" if rule.name == "hour" else "%Y-%m-%d %H:%M:00")
        return nodes.call("STRFTIME", pattern, time)

    def later(self, left: Node, right: Node) -> Node:
        return nodes.call("MAX", left, right)

    def year(self, time: Node) -> Node:
        return nodes.call("SUBSTR", time, nodes.integer(1), nodes.integer(4))

    def table(self, wanted: str, header: Sequence[str], rows: Sequence[Row]) -> str:
        return self.tables.constants(wanted, header, [_cells(row, header) for row in rows])

    def failing(self, text: str, time: Node) -> Node:
        return nodes.call("JSON_EXTRACT", nodes.text("{}"), nodes.binary(exp.DPipe, nodes.text(text), time))

    def shown(self, instant: Node) -> Node:
        return nodes.binary(exp.DPipe, instant, nodes.text("+00:00"))


def _cells(row: Row, header: Sequence[str]) -> tuple[str, ...]:
    year, since, until, shift, back, begins = row
    cells = {
        "year": f"{year:04d}",
        "since": _edge(since),
        "until": _edge(until),
        "shift": _modifier(shift),
        "back": _modifier(back),
        "begins": "" if begins is None else written(begins),
    }
    return tuple(cells[name] for name in header)


def _edge(moment: datetime) -> str:
    """Return a moment without zeros at its end: as text it compares with whole times in the same way."""
    return written(moment).removesuffix(":00").removesuffix(" 00:00")


def _modifier(seconds: int) -> str:
    """Return a number of seconds as SQLite's date functions take it: `+05:30`."""
    if abs(seconds) >= 86_400:
        return f"{seconds:+d} seconds"
    sign = "-" if seconds < 0 else "+"
    minutes, rest = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "")
