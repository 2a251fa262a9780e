"""SQLite, which has no decimals, no time zones, and few functions."""

from __future__ import annotations

from sqlglot import exp

from kpidsl.model.grains import Cut, GrainRule
from kpidsl.sql import nodes
from kpidsl.sql.dialects.common import COMMON, concat
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.elapsed import SQLITE_TIME_ARITHMETIC
from kpidsl.sql.nodes import Node
from kpidsl.sql.semi_joins import as_exists
from kpidsl.sql.sqlite_times import SqliteTimes


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
    back = concat(nodes.text("-"), exp.Paren(this=into), nodes.text(" months"))
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


_TOO_DEEP = ("parser stack overflow", "Expression tree is too large", "too many terms")


def _too_deep(sql: str) -> str | None:
    """Return what SQLite's parser says of a statement that nests too deep for it.

    Its stack has room for a hundred symbols before version 3.46, and how many a nesting takes depends on
    the grammar's rules: so this Python's own SQLite is asked, which reads a whole statement before it looks
    for any table.
    """
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute(f"EXPLAIN {sql}")
        except sqlite3.Error as error:
            told = str(error)
            return told if told.startswith(_TOO_DEEP) else None
    return None


def _following(time: Node, count: int, unit: str) -> Node:
    """Return the time that is so many of a unit later, in a series that is made by recursion."""
    function = "DATE" if unit == "DAY" else "DATETIME"
    return nodes.call(function, time, nodes.text(f"+{count} {unit.lower()}"))


SQLITE = Dialect(
    name="sqlite",
    too_deep=_too_deep,
    times=SqliteTimes,
    arithmetic=SQLITE_TIME_ARITHMETIC,
    aggregates={},
    over_windows=frozenset(("sum", "min", "max", "count", "count_distinct")),
    series=None,
    # Written as EXISTS, which reads a table from its beginning to its end, and a step by an index of its own.
    has_semi_joins=True,
    finished=as_exists,
    indexes_steps=True,
    in_code_point_order=lambda x: exp.Collate(this=nodes.atom(x), expression=exp.Var(this="BINARY")),
    scaled_decimals=True,
    times_are_text=True,
    # LOWER and UPPER change only ASCII letters there, so they are left out.
    forms=COMMON
    | {
        "following": _following,
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
