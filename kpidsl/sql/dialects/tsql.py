"""T-SQL of SQL Server from version 2022 on, with compatibility level 160. Nobody has run it there.

What it compares texts by is a collation, which as a rule takes small and capital letters for equal; and under
every collation it takes a text with spaces at its end and one without for equal. So a text is compared by the
numbers of its characters, with a mark after its last character, and is shown without that.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from kpidsl.model.types import MOST_DIGITS, Kind, Type
from kpidsl.sql import nodes
from kpidsl.sql.decimal_digits import Room, on_sql_server
from kpidsl.sql.dialects import declared
from kpidsl.sql.dialects.common import COMMON, extreme, round_float
from kpidsl.sql.dialects.dialect import Dialect, Form
from kpidsl.sql.nodes import Node
from kpidsl.sql.tsql_times import TSQL_NUMBERS, TSQL_TIME_ARITHMETIC, TsqlTimes, bucket, bucket_of_date
from kpidsl.sql.tsql_tree import BY_CHARACTERS, spelled

_WHOLE_CHARACTERS = "Latin1_General_100_CS_AS_SC"
"""A collation under which a character beyond U+FFFF is one, not two."""


def _mark() -> Node:
    return nodes.call("NCHAR", nodes.integer(1))


def _collated(x: Node, name: str) -> Node:
    return exp.Collate(this=nodes.atom(x), expression=exp.Var(this=name))


def _marked(characters: Node) -> Node:
    return nodes.binary(exp.Add, characters, _mark())


def _exact(x: Node) -> Node:
    return _marked(_collated(nodes.cast(x, "nvarchar(max)"), BY_CHARACTERS))


def _literal(text: str) -> Node:
    return _marked(_collated(exp.National(this=text), BY_CHARACTERS))


def without_mark(x: Node) -> Node:
    """Return a text without the mark after its last character."""
    if isinstance(x, exp.Add) and x.expression == _mark():
        bare: Node = x.this
        return bare
    whole = nodes.call("LEN", x)
    return nodes.call("LEFT", x.copy(), nodes.binary(exp.Sub, whole, nodes.integer(1)))


def _shown(x: Node) -> Node:
    bare = without_mark(x)
    return bare.this if isinstance(bare, exp.Collate) else bare


def _counted(x: Node) -> Node:
    """Return the characters of a text so that each is counted once."""
    return _collated(_shown(x), _WHOLE_CHARACTERS)


def _length(x: Node) -> Node:
    # LEN passes over the spaces at the end.
    ended = nodes.binary(exp.Add, _counted(x), exp.National(this="."))
    return nodes.binary(exp.Sub, nodes.call("LEN", ended), nodes.integer(1))


def _of_characters(function: str) -> Form:
    return lambda x: _exact(nodes.call(function, _shown(x)))


def _in_one_case(function: str) -> Form:
    # The column's own collation may be Turkish.
    return lambda x: _exact(nodes.call(function, _counted(x)))


def _concat(*args: Node) -> Node:
    # Whether COLLATE or + comes first, readers differ.
    first, *others = (exp.Paren(this=part) for part in map(without_mark, args))
    whole: Node = first
    for part in others:
        whole = nodes.binary(exp.Add, whole, part)
    return _marked(whole)


def _like(x: Node, pattern: str) -> Node:
    # A bracket would begin a set of characters; the mark holds the spaces at the end.
    written = "".join(rf"\{c}" if c in "[]" else c for c in pattern)
    marked = nodes.binary(exp.Add, exp.National(this=written), _mark())
    like = exp.Like(this=nodes.operand(x, 4), expression=marked)
    return exp.Escape(this=like, expression=nodes.text("\\")) if "\\" in written else like


def _starts_with(x: Node, part: Node) -> Node:
    written = _written(part)
    if written is None:
        bytes = nodes.call("DATALENGTH", without_mark(part.copy()))
        length = nodes.binary(exp.Div, bytes, nodes.integer(2))
    else:
        length = nodes.integer(len(written.encode("utf-16-le")) // 2)
    start = _marked(nodes.call("LEFT", without_mark(x), length))
    return nodes.compare(exp.EQ, start, part)


def _written(text: Node) -> str | None:
    """Return a text that is written, or None where it comes of something else."""
    bare = text.this if isinstance(text, exp.Add) else text
    literal = bare.this if isinstance(bare, exp.Collate) else bare
    return literal.name if isinstance(literal, exp.National) else None


def _contains(x: Node, part: Node) -> Node:
    found = nodes.call("CHARINDEX", without_mark(part), without_mark(x))
    is_in = nodes.compare(exp.GT, found, nodes.integer(0))
    if _written(part):
        return is_in
    # The empty text is found nowhere.
    is_empty = nodes.compare(exp.EQ, nodes.call("DATALENGTH", without_mark(part.copy())), nodes.integer(0))
    return nodes.any_of([is_in, nodes.all_of([is_empty, nodes.is_not_null(x.copy())])])


def _substring(x: Node, start: Node, length: Node) -> Node:
    return _exact(nodes.call("SUBSTRING", _counted(x), start, length))


def _clock(x: Node) -> Node:
    """Return the time of day as text, `10:00:00.000000`, which is as the times are ordered."""
    return _exact(nodes.cast(x, "time(6)"))


def _part(name: str) -> Form:
    return lambda x: nodes.cast(nodes.call("DATEPART", exp.Var(this=name), x), "bigint")


def _call(name: str) -> Callable[..., Node]:
    return lambda *args: nodes.call(name, *args)


def _weekday(x: Node) -> Node:
    # What DATEPART(WEEKDAY, …) says hangs on the session. The first day of the year 1 is a Monday.
    first = nodes.cast(nodes.text("0001-01-01"), "date")
    days = nodes.call("DATEDIFF", exp.Var(this="DAY"), first, x)
    into = nodes.binary(exp.Add, nodes.binary(exp.Mod, days, nodes.integer(7)), nodes.integer(1))
    return nodes.cast(into, "bigint")


def _wide_sum(x: Node, type: Type) -> Node:
    # A sum of 32 bits has no more, and fails beyond.
    is_wide = isinstance(x, exp.Cast) and x.to.this is exp.DataType.Type.BIGINT
    return nodes.cast(x, "bigint") if type.kind is Kind.INTEGER and not is_wide else x


def _with_room(x: Node, type: Type) -> Node:
    # ROUND has the type of what it is given, and fails where 9.6 of one digit before the point gains another.
    if type.kind is not Kind.DECIMAL or type.precision == MOST_DIGITS:
        return x
    return nodes.cast(x, f"decimal({type.precision + 1}, {type.scale})")


TSQL = Dialect(
    name="tsql",
    times=TsqlTimes,
    arithmetic=TSQL_TIME_ARITHMETIC,
    # Its PERCENTILE_CONT is a window function alone; STDEV may find a spread among equal floats.
    aggregates={},
    over_windows=frozenset(("sum", "min", "max", "count")),
    series=None,
    numbers=TSQL_NUMBERS,
    in_code_point_order=_exact,
    keys_as_values=True,
    text_literal=_literal,
    shown_text=_shown,
    text_type="nvarchar(max)",
    narrow=frozenset("*+-"),
    wide_sum=_wide_sum,
    roundable=_with_room,
    room=Room(on_sql_server, fails=True),
    room_to_compare=Room(fails=True),
    finished=spelled,
    has_filters=False,
    has_selects_in_aggregates=False,
    has_selects_in_groups=False,
    has_places_in_groups=False,
    counts_code_units=True,
    has_null_order=False,
    has_forced_ctes=False,
    other_types={
        Kind.DATE: ("datetime",),
        Kind.TIMESTAMP: ("datetimeoffset",),
        # Its products have four digits after the point.
        Kind.DECIMAL: ("money",),
        Kind.FLOAT: ("money",),
        # As long as it is declared, whatever stands in it.
        Kind.TEXT: ("padded ",),
    },
    declared_instead={
        Kind.DATE: declared.TIMESTAMP,
        Kind.TIMESTAMP: declared.local(
            lambda x: exp.Cast(
                this=exp.AtTimeZone(this=x, zone=nodes.text("UTC")),
                to=exp.DataType.build("datetime2(6)", dialect="tsql"),
            )
        ),
        Kind.DECIMAL: declared.Declared("decimal(19,4)", lambda x: nodes.cast(x, "decimal(19,4)")),
        Kind.FLOAT: declared.Declared("float", lambda x: nodes.cast(x, "double")),
        Kind.TEXT: declared.text(lambda x: nodes.call("RTRIM", x)),
    },
    columns={
        Kind.BOOLEAN: lambda x: nodes.cast(x, "bigint"),
        # A DATETIME beside a DATETIME2 of fewer digits is another time, and takes no microseconds.
        Kind.TIMESTAMP: lambda x: nodes.cast(x, "timestamp"),
    },
    forms=COMMON
    | {
        "bucket": bucket,
        "bucket_of_date": bucket_of_date,
        "trim": _of_characters("TRIM"),
        "length": _length,
        "concat": _concat,
        "lower": _in_one_case("LOWER"),
        "upper": _in_one_case("UPPER"),
        "least": extreme("LEAST"),
        "greatest": extreme("GREATEST"),
        "round_float": round_float,
        "floor_float": _call("FLOOR"),
        "ceil_float": _call("CEILING"),
        "substring": _substring,
        "starts_with": _starts_with,
        "contains": _contains,
        "year": _part("YEAR"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "hour": _part("HOUR"),
        "clock": _clock,
        "weekday": _weekday,
        "day_of_year": _part("DAYOFYEAR"),
        "week_of_year": _part("ISO_WEEK"),
        "quarter": _part("QUARTER"),
        "like": _like,
    },
)
