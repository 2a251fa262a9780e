"""Times of ClickHouse: instants in UTC to the microsecond, and the same type for local times.

Its own date functions are exact from the year 1 to 9999 on `Date32` and `DateTime64`; on `Date` and
`DateTime` they wrap around, so every time of a table becomes one of the wide types where it is read. The
offsets of the few zones whose clocks changed at 00:01 are written out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sqlglot import exp

from kpidsl.model.grains import GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.model.zones import changes, is_utc
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.duckdb_times import DuckdbTimes
from kpidsl.sql.elapsed import TimeArithmetic, months_between
from kpidsl.sql.nodes import Node
from kpidsl.sql.written_zones import are_cut_in_utc

_MICROSECONDS = 1_000_000
_DAY = 86_400
_QUARTER = 900
_TRUSTED = (1970, 2100)
_CHANGED, _OFFSETS = "changed_at", "offsets"


class ClickhouseTimes(DuckdbTimes):
    """Of a local time that exists twice, ClickHouse takes the later instant; so offsets are asked for."""

    def local(self, time: Node, zone: str, _days: Window | None) -> Node:
        return self._local_of(self.utc(time, zone))

    def utc(self, time: Node, zone: str) -> Node:
        """Return a local time of a zone as an instant: the earlier one where it exists twice.

        Seen from a day before, the offset is that before a change; it holds where it leads back to the
        same local time, and where no offset does: there clocks jump over the local time.
        """
        if is_utc(zone):
            return time
        time = self.once(time)

        def less(offset: Node) -> Node:
            return _seconds_later(time.copy(), exp.Neg(this=offset))

        before = self._offset(_seconds_later(time.copy(), nodes.integer(-_DAY)), zone)
        after = self._offset(_seconds_later(time.copy(), nodes.integer(_DAY)), zone)
        leads_back = nodes.compare(exp.NEQ, self._offset(less(before.copy()), zone), before.copy())
        exists = nodes.compare(exp.EQ, self._offset(less(after.copy()), zone), after.copy())
        return nodes.case([(nodes.all_of([leads_back, exists]), less(after.copy()))], less(before.copy()))

    def shown(self, instant: Node) -> Node:
        return instant

    def instant_bucket(self, rule: GrainRule, time: Node, zone: str | None, days: Window | None) -> Node:
        utc = self.utc(time, zone or self.cut.zone)
        found = self._pieces(rule, days)
        if is_utc(self.cut.zone) or (days is not None and are_cut_in_utc(found)):
            return _truncated(rule, utc)
        local = self._local_of(utc)
        into = nodes.call("dateDiff", nodes.text("microsecond"), _truncated(rule, local), local.copy())
        bucket = nodes.call("subtractMicroseconds", utc.copy(), into)
        if all(piece.begins is None for piece in found):
            return bucket
        return self._since_jump(utc, bucket)

    def _since_jump(self, utc: Node, bucket: Node) -> Node:
        """Return a bucket's first instant: its first minute that has the offset of an instant in it."""
        m, i = (exp.Identifier(this=name, quoted=False) for name in "mi")
        own = self._offset(utc.copy(), self.cut.zone)
        same = nodes.compare(exp.EQ, self._offset(exp.Column(this=m.copy()), self.cut.zone), own)
        minute = nodes.call("addMinutes", bucket.copy(), exp.Column(this=i.copy()))
        minutes = nodes.call("arrayMap", _lambda(minute, i), nodes.call("range", nodes.integer(60)))
        first = nodes.call("arrayFirst", _lambda(same, m), minutes)
        unchanged = nodes.compare(exp.EQ, self._offset(bucket.copy(), self.cut.zone), own.copy())
        return nodes.case([(unchanged, bucket)], first)

    def _offset(self, instant: Node, zone: str) -> Node:
        """Return how many seconds the local time of a zone is ahead of UTC."""
        if _is_known(zone):
            return nodes.call("timeZoneOffset", nodes.call("toTimeZone", instant, nodes.text(zone)))
        name = self.tables.query(f"offsets_of_{zone}", lambda: _written_offsets(zone))
        changed, offsets = (
            exp.Subquery(
                this=exp.Select(
                    expressions=[nodes.column(name, column)],
                    from_=exp.From(this=exp.Table(this=exp.Identifier(this=name, quoted=False))),
                )
            )
            for column in (_CHANGED, _OFFSETS)
        )
        change = exp.Identifier(this="change", quoted=False)
        second = nodes.call("toUnixTimestamp64Second", wide_moment(instant))
        is_over = nodes.compare(exp.LTE, exp.Column(this=change.copy()), second)
        count = nodes.call("arrayCount", _lambda(is_over, change), changed)
        return nodes.call("arrayElement", offsets, nodes.binary(exp.Add, count, nodes.integer(1)))

    def _local_of(self, utc: Node) -> Node:
        if is_utc(self.cut.zone):
            return utc
        return _seconds_later(utc, self._offset(utc.copy(), self.cut.zone))


def _seconds_later(time: Node, seconds: Node) -> Node:
    return nodes.call("addSeconds", time, seconds)


def _lambda(body: Node, of: exp.Identifier) -> Node:
    return exp.Lambda(this=body, expressions=[of])


def _truncated(rule: GrainRule, time: Node) -> Node:
    # Without the fraction it would be of another type.
    return wide_moment(nodes.call("dateTrunc", nodes.text(rule.name), time))


@cache
def _is_known(zone: str) -> bool:
    """Tell whether ClickHouse's own offsets are right: it changes them at quarters of an hour alone."""
    return all(int(change.at.timestamp()) % _QUARTER == 0 for change in changes(zone, *_TRUSTED))


def _written_offsets(zone: str) -> exp.Select:
    """Return the one row with the changes of a zone, in seconds of UTC, and the offsets before and after."""
    found = changes(zone, *_TRUSTED)
    offsets = [found[0].before, *(change.after for change in found)]
    arrays = ((_CHANGED, [int(change.at.timestamp()) for change in found]), (_OFFSETS, offsets))
    return exp.Select(expressions=[nodes.alias(_numbers(numbers), name) for name, numbers in arrays])


def _numbers(numbers: list[int]) -> Node:
    # As one text: sqlglot would give each number of an array a line of its own.
    return nodes.call("JSONExtract", nodes.text(str(numbers)), nodes.text("Array(Int64)"))


def wide_date(x: Node) -> Node:
    return nodes.call("toDate32", x)


def wide_moment(x: Node) -> Node:
    return nodes.call("toDateTime64", x, nodes.integer(6), nodes.text("UTC"))


def number(name: str) -> Callable[[Node], Node]:
    """Return the form of a part of a time, which ClickHouse gives in 8 or 16 bits."""
    return lambda x: nodes.call("toInt64", nodes.call(name, x))


def _moved(function: str) -> Callable[[Node, Node, bool], Node]:
    return lambda time, amount, _is_date: nodes.call(function, time, amount)


def _microseconds(end: Node, start: Node) -> Node:
    return nodes.call("dateDiff", nodes.text("microsecond"), start, end)


def _elapsed(end: Node, start: Node) -> Node:
    count = nodes.call("toDecimal128", _microseconds(end, start), nodes.integer(0))
    microsecond = nodes.call("toDecimal128", nodes.text("0.000001"), nodes.integer(6))
    return nodes.binary(exp.Mul, count, microsecond)


def _whole(value: Node, size: Node) -> Node:
    return nodes.call("intDiv", value, size)


def _to_microseconds(seconds: Node, type: Type) -> Node:
    if type.kind is Kind.DECIMAL:
        wide = nodes.call("toDecimal128", seconds, nodes.integer(max(type.scale, 6)))
        return nodes.call("toInt64", nodes.binary(exp.Mul, wide, nodes.integer(_MICROSECONDS)))
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    return nodes.call("toInt64", nodes.call("round", scaled))


CLICKHOUSE_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.call("dateDiff", nodes.text("day"), start, end),
    months_between=months_between(number("toMonth"), number("toYear")),
    elapsed=_elapsed,
    seconds_between=lambda end, start: _whole(_microseconds(end, start), nodes.integer(_MICROSECONDS)),
    add_days=_moved("addDays"),
    add_months=_moved("addMonths"),
    add_microseconds=lambda time, amount: nodes.call("addMicroseconds", time, amount),
    add_seconds=lambda time, amount: nodes.call("addSeconds", time, amount),
    microseconds=_to_microseconds,
    whole_part=_whole,
)
