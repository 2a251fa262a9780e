"""The capability table: what each dialect is able to say, and how.

A dialect that is not here is refused by name. What stands here has been executed on the engine
with the cases of `tests/cases`; an operation that a dialect's table does not hold is refused where
a formula uses it. Forms of one name take sqlglot nodes and return one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.sql import nodes
from kpidsl.sql.duckdb_times import DuckdbTimes
from kpidsl.sql.elapsed import DUCKDB_TIME_ARITHMETIC, SQLITE_TIME_ARITHMETIC, TimeArithmetic
from kpidsl.sql.nodes import Node
from kpidsl.sql.sqlite_times import SqliteTimes
from kpidsl.sql.times import BucketForm, LookupTables, Times

Form = Callable[..., Node]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one dialect can do. `scaled_decimals`: decimals are held as integers of the last digit."""

    name: str
    scaled_decimals: bool
    times: Callable[[Cut, BucketForm, LookupTables], Times]
    arithmetic: TimeArithmetic
    case_sensitive_text: bool
    has_series: bool
    has_semi_joins: bool
    has_asof_join: bool
    """Whether it joins each row with the one row before or after a time, and exactly so."""
    drops_limits: bool
    """Whether its optimizer may remove a LIMIT that stands alone, above a join with an empty table."""
    forms: Mapping[str, Form]


# DuckDB


def _months(count: int) -> Node:
    return exp.Interval(this=nodes.text(str(count)), unit=exp.Var(this="MONTH"))


def _duckdb_bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    if rule.name == "day":
        return nodes.cast(local, "date")
    unit = nodes.text(rule.name.removeprefix("fiscal_"))
    days = cut.days_after_week_start if rule.anchor == "week_start" else 0
    months = cut.month_of_anchor(rule) % rule.count
    if days:
        shifted = nodes.binary(exp.Add, nodes.cast(local, "date"), nodes.integer(days))
        truncated = nodes.cast(nodes.call("DATE_TRUNC", unit, shifted), "date")
        return nodes.binary(exp.Sub, truncated, nodes.integer(days))
    if months:
        earlier = nodes.binary(exp.Sub, local, _months(months))
        truncated = nodes.call("DATE_TRUNC", unit, earlier)
        return nodes.cast(nodes.binary(exp.Add, truncated, _months(months)), "date")
    return nodes.cast(nodes.call("DATE_TRUNC", unit, local), "date")


def _duckdb_part(name: str) -> Form:
    return lambda x: nodes.call(name, x)


def _duckdb_extreme(name: str) -> Form:
    def form(*args: Node) -> Node:
        # LEAST and GREATEST of DuckDB pass over nulls; arithmetic with null is null here.
        missing = nodes.any_of([nodes.is_null(x.copy()) for x in args])
        return nodes.case([(missing, exp.Null())], nodes.call(name, *args))

    return form


def _duckdb_round_float(x: Node, digits: int) -> Node:
    factor = exp.Literal.number(f"1e{digits}")
    scaled = nodes.binary(exp.Mul, nodes.call("ABS", x), factor)
    half_up = nodes.call("FLOOR", nodes.binary(exp.Add, scaled, exp.Literal.number("5e-1")))
    return nodes.binary(exp.Div, nodes.binary(exp.Mul, nodes.call("SIGN", x.copy()), half_up), factor.copy())


def _like(x: Node, pattern: str) -> Node:
    like = exp.Like(this=nodes.operand(x, 4), expression=nodes.text(pattern))
    return exp.Escape(this=like, expression=nodes.text("\\")) if "\\" in pattern else like


def _null_safe(a: Node, b: Node) -> Node:
    return exp.NullSafeEQ(this=a, expression=b)


def _concat(*args: Node) -> Node:
    whole = args[0]
    for part in args[1:]:
        whole = nodes.binary(exp.DPipe, whole, part)
    return whole


_COMMON: dict[str, Form] = {
    "abs": lambda x: nodes.call("ABS", x),
    "trim": lambda x: nodes.call("TRIM", x),
    "length": lambda x: nodes.call("LENGTH", x),
    "concat": _concat,
    "null_safe": _null_safe,
}

DUCKDB = Dialect(
    name="duckdb",
    scaled_decimals=False,
    times=DuckdbTimes,
    arithmetic=DUCKDB_TIME_ARITHMETIC,
    case_sensitive_text=True,
    has_series=True,
    has_semi_joins=True,
    has_asof_join=True,
    # DuckDB 2.0.1 gave two rows for `limit 1`; with an OFFSET it keeps what it is told.
    drops_limits=True,
    forms=_COMMON
    | {
        "bucket": _duckdb_bucket,
        "lower": lambda x: nodes.call("LOWER", x),
        "upper": lambda x: nodes.call("UPPER", x),
        "least": _duckdb_extreme("LEAST"),
        "greatest": _duckdb_extreme("GREATEST"),
        "round_float": _duckdb_round_float,
        "floor_float": lambda x: nodes.call("FLOOR", x),
        "ceil_float": lambda x: nodes.call("CEIL", x),
        "substring": lambda x, start, length: nodes.call("SUBSTRING", x, start, length),
        "starts_with": lambda x, part: nodes.call("STARTS_WITH", x, part),
        "contains": lambda x, part: nodes.call("CONTAINS", x, part),
        "year": _duckdb_part("YEAR"),
        "month": _duckdb_part("MONTH"),
        "day": _duckdb_part("DAY"),
        "hour": _duckdb_part("HOUR"),
        "clock": lambda x: nodes.cast(x, "time"),
        "weekday": _duckdb_part("ISODOW"),
        "day_of_year": _duckdb_part("DAYOFYEAR"),
        "week_of_year": _duckdb_part("WEEKOFYEAR"),
        "quarter": _duckdb_part("QUARTER"),
        "like": _like,
    },
)

# SQLite


def _sqlite_bucket(rule: GrainRule, cut: Cut, local: Node) -> Node:
    def modified(*modifiers: str) -> Node:
        return nodes.call("DATE", local, *map(nodes.text, modifiers))

    if rule.name == "day":
        return modified()
    if rule.anchor == "week_start":
        # The weekday modifier moves forward to a weekday, so six days back first; 0 is Sunday.
        weekday = (8 - cut.days_after_week_start) % 7
        return modified("-6 days", f"weekday {weekday}")
    first = cut.month_of_anchor(rule) % rule.count
    if rule.count == 1:
        return modified("start of month")
    if rule.count == 12:
        shift = (f"-{first} months", "start of year", f"+{first} months") if first else ("start of year",)
        return modified("start of month", *shift) if first else modified(*shift)
    month = nodes.cast(nodes.call("STRFTIME", nodes.text("%m"), local.copy()), "bigint")
    since = nodes.binary(exp.Add, month, nodes.integer(rule.count - 1 - first))
    if first == 0:
        since = nodes.binary(exp.Sub, month, nodes.integer(1))
    elif first == 2:
        since = month
    into = nodes.binary(exp.Mod, since, nodes.integer(rule.count))
    back = _concat(nodes.text("-"), exp.Paren(this=into), nodes.text(" months"))
    return nodes.call("DATE", local, nodes.text("start of month"), back)


def _sqlite_part(code: str) -> Form:
    return lambda x: nodes.cast(nodes.call("STRFTIME", nodes.text(code), x), "bigint")


def _sqlite_weekday(x: Node) -> Node:
    """Return Monday as 1 … Sunday as 7; its own %w says 0 for Sunday."""
    since_monday = nodes.binary(exp.Add, _sqlite_part("%w")(x), nodes.integer(6))
    return nodes.binary(exp.Add, nodes.binary(exp.Mod, since_monday, nodes.integer(7)), nodes.integer(1))


def _sqlite_week(x: Node) -> Node:
    """Return the ISO week: that of the year in which its Thursday lies."""
    thursday = nodes.call("DATE", x, nodes.text("-3 days"), nodes.text("weekday 4"))
    before = nodes.binary(exp.Sub, _sqlite_part("%j")(thursday), nodes.integer(1))
    return nodes.binary(exp.Add, nodes.binary(exp.Div, before, nodes.integer(7)), nodes.integer(1))


def _sqlite_quarter(x: Node) -> Node:
    month = nodes.binary(exp.Add, _sqlite_part("%m")(x), nodes.integer(2))
    return nodes.binary(exp.Div, month, nodes.integer(3))


def _sqlite_glob(x: Node, pattern: str) -> Node:
    """Return LIKE as GLOB, which knows small from capital letters: `%` is `*`, `_` is `?`."""
    out: list[str] = []
    escaped = False
    for character in pattern:
        if not escaped and character == "\\":
            escaped = True
            continue
        if not escaped and character in "%_":
            out.append("*" if character == "%" else "?")
        else:
            out.append(f"[{character}]" if character in "*?[" else character)
        escaped = False
    return exp.Glob(this=nodes.operand(x, 4), expression=nodes.text("".join(out)))


def _sqlite_round_float(x: Node, digits: int) -> Node:
    factor = exp.Literal.number(f"1e{digits}")

    def half_up(value: Node) -> Node:
        scaled = nodes.binary(
            exp.Add, nodes.binary(exp.Mul, value, factor.copy()), exp.Literal.number("5e-1")
        )
        return nodes.binary(exp.Div, nodes.cast(nodes.cast(scaled, "bigint"), "double"), factor.copy())

    negative = nodes.compare(exp.LT, x, nodes.integer(0))
    return nodes.case(
        [(negative, exp.Neg(this=exp.Paren(this=half_up(exp.Neg(this=nodes.atom(x.copy()))))))],
        half_up(x.copy()),
    )


def _sqlite_floor(x: Node) -> Node:
    whole = nodes.cast(x, "bigint")
    above = nodes.compare(exp.LT, x.copy(), whole.copy())
    return nodes.cast(
        nodes.case([(above, nodes.binary(exp.Sub, whole.copy(), nodes.integer(1)))], whole), "double"
    )


def _sqlite_ceil(x: Node) -> Node:
    whole = nodes.cast(x, "bigint")
    below = nodes.compare(exp.GT, x.copy(), whole.copy())
    return nodes.cast(
        nodes.case([(below, nodes.binary(exp.Add, whole.copy(), nodes.integer(1)))], whole), "double"
    )


def _sqlite_starts(x: Node, part: Node) -> Node:
    start = nodes.call("SUBSTR", x, nodes.integer(1), nodes.call("LENGTH", part))
    return nodes.compare(exp.EQ, start, part.copy())


SQLITE = Dialect(
    name="sqlite",
    scaled_decimals=True,
    times=SqliteTimes,
    arithmetic=SQLITE_TIME_ARITHMETIC,
    case_sensitive_text=False,
    has_series=False,
    has_semi_joins=False,
    has_asof_join=False,
    drops_limits=False,
    # LOWER and UPPER change only ASCII letters there, so they are left out.
    forms=_COMMON
    | {
        "bucket": _sqlite_bucket,
        "least": lambda *args: nodes.call("MIN", *args),
        "greatest": lambda *args: nodes.call("MAX", *args),
        "round_float": _sqlite_round_float,
        "floor_float": _sqlite_floor,
        "ceil_float": _sqlite_ceil,
        "substring": lambda x, start, length: nodes.call("SUBSTR", x, start, length),
        "starts_with": _sqlite_starts,
        "contains": lambda x, part: nodes.compare(exp.GT, nodes.call("INSTR", x, part), nodes.integer(0)),
        "year": _sqlite_part("%Y"),
        "month": _sqlite_part("%m"),
        "day": _sqlite_part("%d"),
        "hour": _sqlite_part("%H"),
        "clock": lambda x: nodes.call("SUBSTR", x, nodes.integer(12)),
        "weekday": _sqlite_weekday,
        "day_of_year": _sqlite_part("%j"),
        "week_of_year": _sqlite_week,
        "quarter": _sqlite_quarter,
        "like": _sqlite_glob,
    },
)

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (DUCKDB, SQLITE)}
