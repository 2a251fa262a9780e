"""Warnings of numbers that rows hold ready-made: rates, counts of different values, amounts."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span

SUM_OF_RATES = rule("aggregate/sum-of-rates", "a sum of rates that rows hold", "warning")
MEAN_OF_RATES = rule("aggregate/mean-of-rates", "a mean of rates in which each counts the same", "warning")
SUM_OF_DISTINCT = rule("aggregate/sum-of-distinct", "a sum of counts of different values", "warning")
ROW_CURRENCIES = rule("unit/row-currencies", "amounts of which each row says the currency", "warning")


def sum_of_rates(span: Span, rate: str, unit: str | None, weight: str | None) -> Diagnostic:
    """`unit` is that of a rate that is no fraction, `weight` a column by which rows can be weighed."""
    what = "a fraction" if unit is None else f"in `{unit}`, a rate"
    return Diagnostic(
        SUM_OF_RATES,
        f"`{rate}` is {what} of each row's own whole, and rates of different wholes do not add up",
        Label(span, "a sum of rates"),
        help=f"divide sums, `sum(…) / sum(…)`, or weigh by the wholes: `{_weighed(rate, weight)}`",
    )


def mean_of_rates(span: Span, rate: str, weight: str | None) -> Diagnostic:
    """`weight` is a column of the dataset by which rows can be weighed."""
    return Diagnostic(
        MEAN_OF_RATES,
        f"each row counts the same in this mean of `{rate}`, however much happened in its time",
        Label(span, "a mean of rates"),
        help=f"divide sums, `sum(…) / sum(…)`, or weigh by the wholes: `{_weighed(rate, weight)}`; "
        f"where rows are to count the same, `{_weighed(rate, '1')}` says so",
    )


def _weighed(rate: str, weight: str | None) -> str:
    return f"weighted_avg({rate}, {weight or '…'})"


def mean_of_ratios(span: Span, grains: Sequence[str]) -> Diagnostic:
    """`span` is that of the aggregate, as in `avg(x / y per day)`."""
    inner = span.excerpt().partition("(")[2].removesuffix(")")
    whole = inner.rpartition(" per ")[0]
    return Diagnostic(
        MEAN_OF_RATES,
        f"each {' and '.join(grains)} counts the same in this mean of ratios, however much happened then",
        Label(span, "a mean of ratios"),
        help=f"the ratio of the whole time is `{whole}`; "
        f"where the mean is meant, `sum({inner}) / count({inner})` says so",
    )


def sum_of_distinct(span: Span, column: str) -> Diagnostic:
    return Diagnostic(
        SUM_OF_DISTINCT,
        f"`{column}` counts different ones in each row, and who is in two rows is in their sum twice",
        Label(span, "counted once per row"),
        help="count them where they have rows of their own, `count_distinct(…)`, "
        "or show what one row says, with `max` or `last`",
    )


def row_currencies(span: Span, dataset: str, column: str, currency: str) -> Diagnostic:
    return Diagnostic(
        ROW_CURRENCIES,
        f"`{currency}` of `{dataset}` says in what each row is, and `{column}` has no unit: "
        "euros and dollars are added up",
        Label(span, "of any currency"),
        help=f"give `{column}` its `unit:` where all rows are in one; else convert it by a rate, "
        f"or take those of one: `where {currency} = 'EUR'`",
    )
