"""Times of StarRocks: CONVERT_TZ tells what clocks show at an instant, to the second.

Its manual does not say which instant CONVERT_TZ gives for a local time that exists twice, or not at all, nor
whether it keeps microseconds: so it is asked of instants alone, and times are moved by as much as their
seconds are. TIMESTAMPDIFF counts milliseconds at best: seconds and what is left of them are counted apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from kpidsl.model.zones import is_utc
from kpidsl.semantics.periods import Window
from kpidsl.sql import nodes
from kpidsl.sql.elapsed import Form, TimeArithmetic, is_literal, months_between
from kpidsl.sql.milliseconds import in_seconds
from kpidsl.sql.nodes import Node
from kpidsl.sql.one_way_times import OneWayTimes
from kpidsl.sql.refusals import FRACTIONS, open_question
from kpidsl.sql.series import Numbers
from kpidsl.sql.split_seconds import as_seconds, as_whole_seconds, microseconds_between
from kpidsl.sql.starrocks_tree import SERIES


class StarrocksTimes(OneWayTimes):
    timestamp_type = "datetime"

    def second(self, time: Node) -> Node:
        """Return the second in which a time is."""
        return cut_to_second(time)

    def shown_in(self, instant: Node, zone: str) -> Node:
        return self.later(instant, self._ahead(instant.copy(), zone))

    def behind(self, instant: Node, zone: str) -> Node:
        second = self.second(instant)
        return seconds_between(second, _converted(second.copy(), zone))

    def _ahead(self, instant: Node, zone: str) -> Node:
        second = self.second(instant)
        return seconds_between(_converted(second, zone), second.copy())

    def of_local(
        self, time: Node, zone: str | None, _days: Window | None, form: Callable[[Node], Node]
    ) -> Node:
        if zone is None:
            return form(time)
        instant = self.utc(time, zone)
        return form(instant if is_utc(self.cut.zone) else _converted(instant, self.cut.zone))

    def later(self, time: Node, seconds: Node) -> Node:
        return moved(time, seconds, "SECOND")

    def seconds(self, end: Node, start: Node) -> Node:
        return seconds_between(end, start)

    def shown(self, instant: Node) -> Node:
        return instant


def _converted(instant: Node, zone: str) -> Node:
    """Return what the clocks of a zone show; whether the fraction of a second is kept is not said."""
    return nodes.call("CONVERT_TZ", instant, nodes.text("UTC"), nodes.text(zone))


def moved(time: Node, amount: Node, unit: str, is_date: bool = False) -> Node:
    """Return a time with so many of a unit added; it makes a timestamp of a date."""
    whole = amount if is_literal(amount) else nodes.cast(amount, "int")
    amount_of = whole if isinstance(whole, exp.Literal) else exp.Paren(this=whole)
    later = exp.DateAdd(this=time, expression=amount_of, unit=exp.Var(this=unit))
    return nodes.cast(later, "date") if is_date else later


def _steps(first: Node, last: Node, count: int, unit: str) -> Node:
    if unit == "DAY":
        between = nodes.call("DATEDIFF", last, first)
    else:
        between = nodes.call("TIMESTAMPDIFF", exp.Var(this=unit), first, last)
    return between if count == 1 else nodes.binary(exp.IntDiv, between, nodes.integer(count))


def _after(first: Node, steps: Node, count: int, unit: str) -> Node:
    amount = steps if count == 1 else nodes.binary(exp.Mul, steps, nodes.integer(count))
    return moved(first, amount, unit, is_date=unit == "DAY")


def _numbers(steps: Node, name: str, column: str) -> Node:
    """Return the numbers from 1 to the number of steps and one; for null none."""
    last = nodes.binary(exp.Add, steps.copy(), nodes.integer(1))
    ends = (nodes.cast(end, "bigint") for end in (nodes.integer(1), last))
    alias = nodes.table_alias(name)
    alias.set("columns", [exp.Identifier(this=column, quoted=False)])
    return exp.Table(this=nodes.call(SERIES, *ends), alias=alias)


STARROCKS_NUMBERS = Numbers(_steps, _after, _numbers)


def seconds_later(time: Node, count: int) -> Node:
    return moved(time, nodes.integer(count), "SECOND")


def _asked(topic: str) -> Callable[..., Node]:
    return lambda *_: open_question(topic)


def seconds_between(end: Node, start: Node) -> Node:
    return nodes.cast(nodes.call("TIMESTAMPDIFF", exp.Var(this="SECOND"), start, end), "bigint")


def cut_to_second(time: Node) -> Node:
    return nodes.call("DATE_TRUNC", nodes.text("second"), time)


def _microseconds(time: Node) -> Node:
    return nodes.cast(nodes.call("DATE_FORMAT", time, nodes.text("%f")), "bigint")


def _whole_part(value: Node, size: Node) -> Node:
    # Both are integers.
    return nodes.binary(exp.IntDiv, value, size)


def with_microseconds(arithmetic: TimeArithmetic, between: Form) -> TimeArithmetic:
    """Return arithmetic with another way to count the microseconds between two times."""
    whole = as_whole_seconds(between, _whole_part)
    return replace(arithmetic, elapsed=as_seconds(between), seconds_between=whole)


_between = microseconds_between(cut_to_second, seconds_between, _microseconds)

STARROCKS_TIME_ARITHMETIC = TimeArithmetic(
    days_between=lambda end, start: nodes.cast(nodes.call("DATEDIFF", end, start), "bigint"),
    months_between=months_between(
        lambda x: nodes.cast(nodes.call("MONTH", x), "bigint"),
        lambda x: nodes.cast(nodes.call("YEAR", x), "bigint"),
    ),
    elapsed=as_seconds(_between),
    seconds_between=as_whole_seconds(_between, _whole_part),
    add_days=lambda time, amount, is_date: moved(time, amount, "DAY", is_date),
    add_months=lambda time, amount, is_date: moved(time, amount, "MONTH", is_date),
    add_microseconds=in_seconds(
        lambda time, count: moved(time, nodes.integer(count), "SECOND"), cut_to_second
    ),
    add_seconds=lambda time, amount: moved(time, amount, "SECOND"),
    microseconds=_asked(FRACTIONS),
    whole_part=_whole_part,
)
