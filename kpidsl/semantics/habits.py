"""Functions of SQL and of spreadsheets that the language says otherwise.

`{1}`, `{2}` … in a help are the call's arguments as they were written, `{*}` all of them.
"""

from __future__ import annotations

from kpidsl.syntax import print_formula, tree

_CASE = "write `case when {1} then {2} else {3} end`"
_COUNT_IF = "write `count(orders where {1})` with the dataset whose rows are counted"
_QUOTIENT = "write `{1} / {2}`: a zero denominator gives null"
_DISTINCT = "write `count_distinct({*})`"
CLOCK = "formulas know no clock, so that a number can be computed again; give the query a period"
_TYPE = "a type is declared once, under `columns:`, for example `amount: decimal(12,2)`"
_FORMAT = 'how a value is shown is said by `format:`, for example `format: "0.0%"`'

ELSEWHERE = {
    **dict.fromkeys(("if", "iif", "ifelse", "decode", "switch"), _CASE),
    **dict.fromkeys(("countif", "count_if", "countifs"), _COUNT_IF),
    **dict.fromkeys(("sumif", "sum_if", "sumifs"), "write `sum(orders.amount where status = 'paid')`"),
    **dict.fromkeys(("averageif", "avg_if", "avgif"), "write `avg(orders.amount where status = 'paid')`"),
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
    **dict.fromkeys(("cast", "try_cast", "convert", "to_date", "to_number", "to_timestamp", "date"), _TYPE),
    **dict.fromkeys(("to_char", "format", "text", "format_date", "strftime", "date_format"), _FORMAT),
    **dict.fromkeys(("std", "stdev", "stddev_samp"), "write `stddev({1})`"),
    **dict.fromkeys(("var", "var_samp"), "write `variance({1})`"),
    **dict.fromkeys(
        ("quantile", "percentile_cont", "approx_percentile", "quantile_cont"), "write `percentile({*})`"
    ),
    **dict.fromkeys(("dayofweek", "day_of_week", "dow", "isodow"), "write `weekday({1})`: Monday is 1"),
    **dict.fromkeys(("date_add", "dateadd", "adddate"), "write `ordered_at + 3 days`"),
    **dict.fromkeys(("date_sub", "datesub", "subdate"), "write `ordered_at - 3 days`"),
    **dict.fromkeys(("datediff", "timestampdiff"), "write `date_diff(day, ordered_at, shipped_at)`"),
    **dict.fromkeys(("datetrunc", "trunc", "timestamp_trunc"), "write `date_trunc(month, ordered_at)`"),
    **dict.fromkeys(("date_part", "datepart", "extract"), "write `year({-1})`, `month({-1})`, `day({-1})`"),
    **dict.fromkeys(("pow", "power"), "a product is written out: `{1} * {1}`"),
    **dict.fromkeys(
        ("rank", "dense_rank"),
        "a row's place is `row_number(per customer_id order by -amount)`; equal rows stand by their key",
    ),
    **dict.fromkeys(("first_value",), "write `first({1} per customer_id order by ordered_at)`"),
    **dict.fromkeys(("last_value",), "write `last({1} per customer_id order by ordered_at)`"),
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


def said_otherwise(call: tree.Call) -> str | None:
    """Return the help for a function of another language, with the call's own arguments in it."""
    help = ELSEWHERE.get(call.function)
    if help is None:
        return None
    shown = [print_formula(argument) for argument in call.arguments]
    help = help.replace("{*}", ", ".join(shown) or "…").replace("{-1}", shown[-1] if shown else "…")
    for number in range(1, 4):
        help = help.replace(f"{{{number}}}", shown[number - 1] if len(shown) >= number else "…")
    return help
