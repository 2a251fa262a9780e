"""Times of BigQuery: naive ones are DATETIME, and every conversion goes by a TIMESTAMP, an instant.

Of a local time that exists twice it takes the earlier instant, and one that does not exist shifts forward:
both are what the language asks for.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.grains import GrainRule
from kpidsl.model.types import Kind, Type
from kpidsl.model.zones import is_utc
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.duckdb_times import MOST_BRANCHES, DuckdbTimes
from kpidsl.sql.elapsed import TimeArithmetic, is_literal, months_between
from kpidsl.sql.nodes import Node
from kpidsl.sql.written_zones import are_cut_in_utc

_MICROSECONDS = 1_000_000


def part(name: str, x: Node) -> Node:
    return exp.Extract(this=exp.Var(this=name), expression=x)


def moved(function: str, time: Node, amount: Node | int, unit: str) -> Node:
    """Return a time with so many of a unit added by one of the functions of its type."""
    number = nodes.integer(amount) if isinstance(amount, int) else amount
    if not is_literal(number):
        number = nodes.atom(number)
    return nodes.call(function, time, exp.Interval(this=number, unit=exp.Var(this=unit)))


def truncated(time: Node, unit: str) -> Node:
    return nodes.call("DATETIME_TRUNC", time, exp.Var(this=unit))


def between(end: Node, start: Node, unit: str) -> Node:
    return nodes.call("DATETIME_DIFF", end, start, exp.Var(this=unit))


class BigqueryTimes(DuckdbTimes):
    def local(self, time: Node, zone: str, _days: Window | None) -> Node:
        return _converted(time, zone, self.cut.zone)

    def utc(self, time: Node, zone: str) -> Node:
        return time if is_utc(zone) else _converted(time, zone, "UTC")

    def shown(self, instant: Node) -> Node:
        return nodes.call("TIMESTAMP", instant, nodes.text("UTC"))

    def instant_bucket(self, rule: GrainRule, time: Node, zone: str | None, days: Window | None) -> Node:
        utc = self.utc(time, zone or self.cut.zone)
        unit = rule.name.upper()
        found = self._pieces(rule, days)
        if is_utc(self.cut.zone) or (days is not None and are_cut_in_utc(found)):
            return truncated(utc, unit)
        local = _converted(utc.copy(), "UTC", self.cut.zone)
        into = between(local, truncated(local.copy(), unit), "MICROSECOND")
        bucket = moved("DATETIME_SUB", utc, into, "MICROSECOND")
        jumps = [piece for piece in found if piece.begins is not None]
        if not jumps:
            return bucket
        if days is None or len(jumps) > MOST_BRANCHES:
            return self._since_the_jump(utc, local, bucket)
        return nodes.case([self.first_part(utc, piece, rule) for piece in jumps], bucket)

    def _since_the_jump(self, utc: Node, local: Node, bucket: Node) -> Node:
        def ahead(local: Node, utc: Node) -> Node:
            return between(local.copy(), utc.copy(), "MICROSECOND")

        own = ahead(local, utc)
        m = exp.Column(this=exp.Identifier(this="m", quoted=False))
        minutes = nodes.call("GENERATE_ARRAY", nodes.integer(0), between(utc.copy(), bucket.copy(), "MINUTE"))
        later = moved("DATETIME_ADD", bucket.copy(), m, "MINUTE")
        same = nodes.compare(exp.EQ, ahead(_converted(later.copy(), "UTC", self.cut.zone), later), own.copy())
        first = exp.Select(
            expressions=[exp.Min(this=later.copy())],
            from_=exp.From(this=unnested(minutes, "m")),
            where=exp.Where(this=same),
        )
        start = ahead(_converted(bucket.copy(), "UTC", self.cut.zone), bucket)
        unchanged = nodes.compare(exp.EQ, start, own)
        return nodes.case([(unchanged, bucket.copy())], exp.Subquery(this=first))


def unnested(array: Node, name: str) -> Node:
    """Return the elements of an array as rows of one column of that name."""
    alias = exp.TableAlias(columns=[exp.Identifier(this=name, quoted=False)])
    return exp.Unnest(expressions=[array], alias=alias)


def _converted(time: Node, held_in: str, to: str) -> Node:
    if held_in == to:
        return time
    instant = nodes.call("TIMESTAMP", time, nodes.text(held_in))
    return nodes.call("DATETIME", instant, nodes.text(to))


def _add_days(time: Node, amount: Node, is_date: bool) -> Node:
    return moved("DATE_ADD" if is_date else "DATETIME_ADD", time, amount, "DAY")


def _add_months(time: Node, amount: Node, is_date: bool) -> Node:
    return moved("DATE_ADD" if is_date else "DATETIME_ADD", time, amount, "MONTH")


def _elapsed(end: Node, start: Node) -> Node:
    return nodes.binary(exp.Mul, between(end, start, "MICROSECOND"), exp.Literal.number("0.000001"))


def _whole(value: Node, size: Node) -> Node:
    return nodes.cast(nodes.call("DIV", value, size), "bigint")


def _to_microseconds(seconds: Node, type: Type) -> Node:
    scaled = nodes.binary(exp.Mul, seconds, nodes.integer(_MICROSECONDS))
    return nodes.cast(scaled if type.kind is Kind.DECIMAL else nodes.call("ROUND", scaled), "bigint")


BIGQUERY_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.call("DATE_DIFF", end, start, exp.Var(this="DAY")),
    months_between=months_between(lambda x: part("MONTH", x), lambda x: part("YEAR", x)),
    elapsed=_elapsed,
    seconds_between=lambda end, start: nodes.call(
        "DIV", between(end, start, "MICROSECOND"), nodes.integer(_MICROSECONDS)
    ),
    add_days=_add_days,
    add_months=_add_months,
    add_microseconds=lambda time, amount: moved("DATETIME_ADD", time, amount, "MICROSECOND"),
    add_seconds=lambda time, amount: moved("DATETIME_ADD", time, amount, "SECOND"),
    microseconds=_to_microseconds,
    whole_part=_whole,
)
