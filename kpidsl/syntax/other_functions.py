"""Functions of SQL and of spreadsheets that the language says otherwise.

`{1}`, `{2}` … in a help are the call's arguments as they were written, `{*}` all of them; `{value}` is what
is aggregated under a `{condition}`, and `{each}` an aggregate of what is computed on each row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kpidsl.syntax import tree
from kpidsl.syntax.printer import print_formula
from kpidsl.syntax.spreadsheets import FUNCTIONS

_CASE = "write `case when {1} then {2} else {3} end`"
_COUNT_IF = "write `count({value} where {condition})`"
_YEAR, _QUARTER, _MONTH = (f"write `to_date({{1}}, {grain})`" for grain in ("year", "quarter", "month"))
_NO_LIST = "a formula gives one value; several are the rows of a query, `--by`"
_PARTNER = "a joined row's column is named by the join, `dataset.join.column`; it stands under `joins:`"
_LARGEST = (
    "a row's place is `row_number(per … order by …)`, where equal rows stand by their key; "
    'the first of a result are asked with `--top "10 by {1}"`'
)
_QUOTIENT = "write `{1} / {2}`: a zero denominator gives null"
_DISTINCT = "write `count_distinct({*})`"
CLOCK = "formulas know no clock, so that a number can be computed again; give the query a period"
_TYPE = "a type is declared once, under `columns:`, for example `amount: decimal(12,2)`"
_FORMAT = 'how a value is shown is said by `format:`, for example `format: "0.0%"`'

WEEKDAYS = ("dayofweek", "day_of_week", "dow", "isodow")
"""What other languages call the day of a week."""

ELSEWHERE = {
    **dict.fromkeys(("if", "iif", "ifelse", "decode", "switch"), _CASE),
    **dict.fromkeys(("countif", "count_if", "countifs"), _COUNT_IF),
    **dict.fromkeys(("sumif", "sum_if", "sumifs"), "write `sum({value} where {condition})`"),
    **dict.fromkeys(("averageif", "averageifs", "avg_if", "avgif"), "write `avg({value} where {condition})`"),
    **dict.fromkeys(("maxif", "maxifs"), "write `max({value} where {condition})`"),
    **dict.fromkeys(("minif", "minifs"), "write `min({value} where {condition})`"),
    **dict.fromkeys(("calculate", "calculatetable"), "write `{1} where {2}`"),
    **dict.fromkeys(
        ("all", "allselected", "allexcept", "removefilters"), "write `total(revenue across channel)`"
    ),
    **dict.fromkeys(("countrows", "counta", "countx"), "write `count({1})`"),
    **dict.fromkeys(("countblank",), "write `count({dataset} where {1} is null)`"),
    **dict.fromkeys(("sumx", "averagex", "minx", "maxx"), "write `{each}`"),
    **dict.fromkeys(("sumproduct",), "write `sum({1} * {2})`"),
    **dict.fromkeys(("iferror", "isna", "iserror"), "a quotient by zero is null: write `coalesce({1}, {2})`"),
    **dict.fromkeys(("vlookup", "xlookup", "hlookup", "lookup", "related", "lookupvalue"), _PARTNER),
    **dict.fromkeys(("string_agg", "group_concat", "array_agg", "listagg", "concatenatex"), _NO_LIST),
    **dict.fromkeys(("totalytd", "datesytd"), _YEAR),
    **dict.fromkeys(("totalqtd", "datesqtd"), _QUARTER),
    **dict.fromkeys(("totalmtd", "datesmtd"), _MONTH),
    **dict.fromkeys(("parallelperiod", "previousmonth", "previousperiod"), "write `prior({1}, 1 month)`"),
    **dict.fromkeys(("previousquarter",), "write `prior({1}, 1 quarter)`"),
    **dict.fromkeys(("previousyear",), "write `prior({1}, 1 year)`"),
    **dict.fromkeys(("openingbalancemonth", "openingbalanceyear"), "write `opening({1})`"),
    **dict.fromkeys(("nvl2",), "write `case when {1} is not null then {2} else {3} end`"),
    **dict.fromkeys(("ifnull", "nvl", "zeroifnull", "zn"), "write `coalesce({1}, 0)`"),
    **dict.fromkeys(("isnull", "is_null", "isblank"), "write `{1} is null`"),
    **dict.fromkeys(("nullifzero",), "write `nullif({1}, 0)`"),
    **dict.fromkeys(("safe_divide", "div0", "divide", "div", "try_divide"), _QUOTIENT),
    **dict.fromkeys(("mean", "average"), "write `avg({*})`"),
    **dict.fromkeys(
        ("uniq", "nunique", "countd", "distinctcount", "count_unique", "approx_count_distinct", "uniqexact"),
        _DISTINCT,
    ),
    **dict.fromkeys(("len", "char_length", "character_length"), "write `length({1})`"),
    **dict.fromkeys(("substr", "mid"), "write `substring({*})`"),
    **dict.fromkeys(("lcase",), "write `lower({1})`"),
    **dict.fromkeys(("ucase",), "write `upper({1})`"),
    **dict.fromkeys(
        ("now", "today", "current_date", "current_timestamp", "getdate", "sysdate", "localtimestamp"), CLOCK
    ),
    **dict.fromkeys(("cast", "try_cast", "convert", "to_date", "to_number", "to_timestamp"), _TYPE),
    "date": "write `date_trunc(day, {1})`",
    **dict.fromkeys(("to_char", "format", "text", "format_date", "strftime", "date_format"), _FORMAT),
    **dict.fromkeys(("std", "stdev", "stddev_samp"), "write `stddev({1})`"),
    **dict.fromkeys(("var", "var_samp"), "write `variance({1})`"),
    **dict.fromkeys(
        ("quantile", "percentile_cont", "approx_percentile", "quantile_cont"), "write `percentile({*})`"
    ),
    **dict.fromkeys(WEEKDAYS, "write `weekday({1})`: Monday is 1"),
    **dict.fromkeys(("date_add", "dateadd", "adddate"), "write `{moved}`"),
    **dict.fromkeys(("date_sub", "datesub", "subdate"), "write `{moved}`"),
    **dict.fromkeys(("datediff", "timestampdiff"), "write `{between}`"),
    **dict.fromkeys(("datetrunc", "trunc", "timestamp_trunc"), "write `{truncated}`"),
    **dict.fromkeys(("date_part", "datepart", "extract"), "write `year({-1})`, `month({-1})`, `day({-1})`"),
    **dict.fromkeys(("pow", "power"), "a product is written out: `{1} * {1}`"),
    **dict.fromkeys(("rank", "dense_rank", "rankx", "topn", "percent_rank", "ntile"), _LARGEST),
    **dict.fromkeys(("first_value",), "write `first({1} per … order by …)`"),
    **dict.fromkeys(("last_value",), "write `last({1} per … order by …)`"),
    **dict.fromkeys(("yoy", "year_over_year", "yoy_growth"), "write `growth({1}, 1 year)`"),
    **dict.fromkeys(("mom", "month_over_month"), "write `growth({1}, 1 month)`"),
    **dict.fromkeys(("qoq",), "write `growth({1}, 1 quarter)`"),
    **dict.fromkeys(("wow", "week_over_week"), "write `growth({1}, 1 week)`"),
    **dict.fromkeys(("pct_change", "percent_change"), "write `growth({1}, 1 period)`"),
    **dict.fromkeys(("ytd", "year_to_date"), "write `to_date({1}, year)`"),
    **dict.fromkeys(("qtd", "quarter_to_date"), "write `to_date({1}, quarter)`"),
    **dict.fromkeys(("mtd", "month_to_date"), "write `to_date({1}, month)`"),
    **dict.fromkeys(("running_total", "running_sum", "cumsum", "cumulative_sum"), "write `cumulative({1})`"),
    **dict.fromkeys(
        ("moving_average", "moving_avg", "rolling_average", "rolling_avg"),
        "write `rolling({1}, 28 days)`, for a mean of days `rolling(avg({1} per day), 28 days)`",
    ),
    **dict.fromkeys(("rolling_sum", "moving_sum"), "write `rolling({1}, 28 days)`"),
    **dict.fromkeys(("sameperiodlastyear", "previous_year", "last_year"), "write `prior({1}, 1 year)`"),
    **dict.fromkeys(("previous", "previous_period"), "write `prior({1}, 1 period)`"),
    **dict.fromkeys(("ratio_to_report", "percent_of_total"), "write `share({1} across channel)`"),
}
"""What is written here instead of a function that other languages have."""

CLOCKS = frozenset({"current_date", "current_timestamp", "current_time", "localtimestamp", "now", "today"})
"""Names that other languages read as the clock."""


_CRITERION = re.compile(r"(>=|<=|<>|=|>|<)\s*(.+)")


OPEN = "…"
"""What stands in a help for what is not known."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What a help names of the project: a dataset, a column of numbers, and which dataset has a column."""

    dataset: str = OPEN
    number: str = OPEN
    holder: Callable[[str], str | None] = lambda _: None

    def rows_of(self, arguments: Sequence[tree.Expr]) -> str:
        """Return the dataset whose rows some arguments speak of."""
        names = [node.parts for one in arguments for node in tree.walk(one) if isinstance(node, tree.Name)]
        dotted = next((parts[0] for parts in names if len(parts) > 1), None)
        found = (self.holder(parts[0]) for parts in names)
        return dotted or next((dataset for dataset in found if dataset), self.dataset)


def said_otherwise(call: tree.Call, examples: Examples | None = None) -> str | None:
    """Return the help for a function of another language, with the call's own arguments in it."""
    examples = examples or Examples()
    meant = FUNCTIONS.get(call.function)
    if meant is not None:
        call = replace(call, function=meant)
    help = ELSEWHERE.get(call.function, None if meant is None else f"write `{meant}({{*}})`")
    if help is None:
        return None
    if call.function == "date" and len(call.arguments) != 1:
        return "a day is written year-month-day: `2026-01-31`"
    for word, written in _OF_TIMES.items():
        if word in help:
            return help.replace(word, written(call))
    help = help.replace("{dataset}", examples.rows_of(call.arguments))
    if "{condition}" in help:
        value, condition = _filtered(call, examples)
        whose = " with the dataset whose rows these are" if value.startswith(OPEN) else ""
        return help.replace("{value}", value).replace("{condition}", condition) + whose
    if "{each}" in help:
        return help.replace("{each}", _of_each(call))
    shown = [print_formula(argument) for argument in call.arguments]
    help = help.replace("{*}", ", ".join(shown) or "…").replace("{-1}", shown[-1] if shown else "…")
    for number in range(1, 4):
        help = help.replace(f"{{{number}}}", shown[number - 1] if len(shown) >= number else "…")
    return help


def _filtered(call: tree.Call, examples: Examples) -> tuple[str, str]:
    """Return what a `…if` aggregates and under which condition, in the order of its kind's arguments."""
    arguments = list(call.arguments)
    counts = call.function.startswith("count")
    value: tree.Expr | None = None
    if arguments and isinstance(arguments[-1], tree.CONDITIONS):
        spoken_of: tuple[tree.Expr, ...] = (arguments[-1],)
        conditions = [print_formula(arguments.pop())]
        value = arguments[0] if arguments else None
    else:
        if not counts and call.function.endswith("ifs"):
            value = arguments.pop(0) if arguments else None
        elif not counts:
            value = arguments.pop(2) if len(arguments) > 2 else next(iter(arguments), None)
        pairs = zip(arguments[::2], arguments[1::2], strict=False)
        conditions = [_met(column, criterion) for column, criterion in pairs]
        spoken_of = tuple(arguments)
    if counts and arguments and isinstance(arguments[0], tree.Name) and len(arguments[0].parts) > 1:
        value = tree.Name(arguments[0].parts[:1], call.span)
    if value is not None:
        shown = print_formula(value)
    elif counts:
        shown = examples.rows_of(spoken_of)
    else:
        dataset = examples.rows_of(spoken_of)
        shown = examples.number if examples.number.startswith(f"{dataset}.") else f"{dataset}.{OPEN}"
    return shown, " and ".join(conditions) or OPEN


def _is_part(argument: tree.Expr) -> bool:
    """Tell whether an argument is a part of dates, `day` or `'day'`."""
    return _part(argument) in _PARTS


def _part(argument: tree.Expr) -> str:
    return (argument.value if isinstance(argument, tree.Text) else print_formula(argument)).lower()


def _between(call: tree.Call) -> str:
    """Return how far two times are apart. Without a part of dates the later one is the first, as in MySQL."""
    part = next((_part(one) for one in call.arguments if _is_part(one)), None)
    times = [print_formula(one) for one in call.arguments if not _is_part(one)][:2]
    times += [OPEN] * (2 - len(times))
    if part is None:
        times.reverse()
    return f"date_diff({part or 'day'}, {', '.join(times)})"


def _truncated(call: tree.Call) -> str:
    part = next((_part(one) for one in call.arguments if _is_part(one)), "month")
    times = [print_formula(one) for one in call.arguments if not _is_part(one)]
    return f"date_trunc({part}, {(*times, OPEN)[0]})"


def _moved(call: tree.Call) -> str:
    """Return a time moved by a length, from a number and a part of dates or from a length, in any order."""
    sign = "-" if "sub" in call.function else "+"
    part = next((_part(one) for one in call.arguments if _is_part(one)), "day")
    time, length = OPEN, f"3 {part}s"
    for one in call.arguments:
        if isinstance(one, tree.Negative):
            sign = "-" if sign == "+" else "+"
        figure = one.operand if isinstance(one, tree.Negative) else one
        if isinstance(figure, tree.Quantity):
            length = print_formula(figure)
        elif isinstance(figure, tree.Number):
            length = f"{print_formula(figure)} {part}{'' if figure.value == 1 else 's'}"
        elif not _is_part(one):
            time = print_formula(one)
    return f"{time} {sign} {length}"


_PARTS = frozenset({"second", "minute", "hour", "day", "week", "month", "quarter", "year"})
_OF_TIMES: Mapping[str, Callable[[tree.Call], str]] = {
    "{between}": _between,
    "{truncated}": _truncated,
    "{moved}": _moved,
}


def _met(column: tree.Expr, criterion: tree.Expr) -> str:
    """Return the condition of a column and a spreadsheet's criterion, such as `'>5'`."""
    found = _CRITERION.fullmatch(criterion.value) if isinstance(criterion, tree.Text) else None
    if found is None:
        return f"{print_formula(column)} = {print_formula(criterion)}"
    operator = "!=" if found[1] == "<>" else found[1]
    figure = found[2] if re.fullmatch(r"-?\d+(?:\.\d+)?", found[2]) else f"'{found[2]}'"
    return f"{print_formula(column)} {operator} {figure}"


def _of_each(call: tree.Call) -> str:
    """Return an aggregate of what an iterator such as `SUMX` computes on each row of a table."""
    function = {"sumx": "sum", "averagex": "avg", "minx": "min", "maxx": "max"}[call.function]
    table, *values = call.arguments
    value = values[0] if values else table
    is_short = values and isinstance(value, tree.Name) and len(value.parts) == 1
    return f"{function}({print_formula(table) + '.' if is_short else ''}{print_formula(value)})"
