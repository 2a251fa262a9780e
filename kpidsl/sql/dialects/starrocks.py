"""StarRocks, from version 3.1 on, by its documentation: nobody has run it there. See decision 0149.

Texts compare by their bytes. Sums and products that are too large give null, or another number: those of
integers are made of decimals, and decimals whose declared digits could need more than there are, are refused.
"""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.model.types import MOST_DIGITS, Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, extreme
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.nodes import Node
from kpidsl.sql.refusals import open_question
from kpidsl.sql.starrocks_times import STARROCKS_NUMBERS, STARROCKS_TIME_ARITHMETIC, StarrocksTimes, moved
from kpidsl.sql.starrocks_tree import refusal, spelled


def _bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    day = nodes.cast(local, "date")
    return day if rule.name == "day" else _bucket_of_date(rule, cut, day)


def _bucket_of_date(rule: GrainRule, cut: Cut, day: Node) -> Node:
    if rule.name == "day":
        return day
    if rule.anchor == "week_start":
        # Sunday is 1.
        before = nodes.binary(
            exp.Add, nodes.call("DAYOFWEEK", day), nodes.integer(5 + cut.days_after_week_start)
        )
        since = nodes.binary(exp.Mod, before, nodes.integer(7))
        return moved(day.copy(), exp.Neg(this=exp.Paren(this=since)), "DAY", is_date=True)
    unit = nodes.text(rule.name.removeprefix("fiscal_"))
    months = cut.month_of_anchor(rule) % rule.count
    if not months:
        return nodes.cast(nodes.call("DATE_TRUNC", unit, day), "date")
    earlier = moved(nodes.call("DATE_TRUNC", nodes.text("month"), day), nodes.integer(-months), "MONTH")
    return moved(nodes.call("DATE_TRUNC", unit, earlier), nodes.integer(months), "MONTH", is_date=True)


def _part(name: str) -> Form:
    return lambda x: nodes.cast(nodes.call(name, x), "bigint")


def _weekday(x: Node) -> Node:
    before = nodes.binary(exp.Add, nodes.call("DAYOFWEEK", x), nodes.integer(5))
    return nodes.binary(exp.Add, nodes.binary(exp.Mod, before, nodes.integer(7)), nodes.integer(1))


def _question(topic: str) -> Form:
    return lambda *_: open_question(topic)


def _wide_sum(x: Node, type: Type) -> Node:
    return nodes.cast(x, f"decimal({MOST_DIGITS}, 0)") if type.kind is Kind.INTEGER else x


_NOT_SAID = ("which letters it changes is not documented", "compare with `in (…)`")
_BYTES = ("whether it counts characters or bytes is not documented", "use a column that holds the part")

STARROCKS = Dialect(
    name="starrocks",
    times=StarrocksTimes,
    arithmetic=STARROCKS_TIME_ARITHMETIC,
    # Quantiles, spreads, first values and tuples are made from window functions.
    aggregates={},
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=None,
    numbers=STARROCKS_NUMBERS,
    in_code_point_order=None,
    text_type="text",
    timestamp_type="datetime",
    narrow=frozenset("*+-"),
    integers_wrap=True,
    wide_sum=_wide_sum,
    room=Room(),
    has_filters=False,
    has_null_order=False,
    has_forced_ctes=False,
    has_subqueries_in_joins=False,
    has_outer_names_in_depth=False,
    has_outer_names_in_from=False,
    has_selects_in_aggregates=False,
    has_selects_in_groups=False,
    has_correlated_selects=False,
    lookups="joins",
    other_types={Kind.DATE: ("datetime",)},
    declared_instead={Kind.DATE: declared.TIMESTAMP},
    lacks={"lower": _NOT_SAID, "upper": _NOT_SAID, "substring": _BYTES},
    finished=spelled,
    refuses=refusal,
    forms=COMMON
    | {
        "bucket": _bucket,
        "bucket_of_date": _bucket_of_date,
        "length": lambda x: nodes.cast(nodes.call("CHAR_LENGTH", x), "bigint"),
        "concat": lambda *args: nodes.call("CONCAT", *args),
        "least": extreme("LEAST"),
        "greatest": extreme("GREATEST"),
        "round_float": _question("rounding"),
        "floor_float": _question("rounding"),
        "ceil_float": _question("rounding"),
        "starts_with": lambda x, part: nodes.call("STARTS_WITH", x, part),
        "contains": lambda x, part: nodes.compare(exp.GT, nodes.call("INSTR", x, part), nodes.integer(0)),
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAYOFMONTH"),
        "hour": _part("HOUR"),
        "clock": _question("clocks"),
        "weekday": _weekday,
        "day_of_year": _part("DAYOFYEAR"),
        "week_of_year": _part("WEEK_ISO"),
        "quarter": _part("QUARTER"),
        "like": lambda x, pattern: exp.Like(this=nodes.operand(x, 4), expression=nodes.text(pattern)),
    },
)
