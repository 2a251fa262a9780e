"""What can be wrong with a query."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.semantics.errors import listed, write_meant
from kpidsl.source import Span
from kpidsl.syntax.other_functions import WEEKDAYS
from kpidsl.syntax.tree import Call, Expr, Name, Negative, Text

SHARE = rule("share/not-in-by", "a share across a dimension that the query does not group by")
BAD_PERIOD = rule("query/period", "a period that does not read as one")
_OTHERWISE = {
    **dict.fromkeys(("metrics", "metric", "kpi", "measures", "measure", "select"), "kpis"),
    **dict.fromkeys(("filter", "filters", "condition"), "where"),
    **dict.fromkeys(("group_by", "groupby", "dimensions"), "by"),
    **dict.fromkeys(("order_by", "sort", "sort_by"), "order"),
    **dict.fromkeys(("date", "dates", "between", "time"), "period"),
    **dict.fromkeys(("params", "set", "parameter"), "parameters"),
    **dict.fromkeys(("at", "asof", "now", "today"), "as_of"),
}
"""What other libraries call the parts of a query."""

PART = rule("query/part", "a part of a query in Python that there is not, or of a type that it does not take")
BAD_ORDER = rule("query/order", "an order by something that the result does not have")
TWICE = rule("query/twice", "one column asked for twice")
SHADOWS = rule("query/shadows", "an ad-hoc formula under the name of a metric or KPI")
NOTHING = rule("query/nothing-asked", "a query without a KPI")
SHARE_OF_ITSELF = rule("share/of-itself", "a share without a dimension: it is its own total", "warning")
BAD_LIMIT = rule("query/limit", "a limit that is no positive number")
NOT_MEMBER = rule("query/not-a-member", "a group by something that is neither a dimension nor a grain")
HAVING = rule("query/having", "a condition on result rows over something that the result does not show")
NO_ROWS = rule("query/no-rows", "a query by members that nothing in it keeps", "warning")
PERIODS_AND_GRAIN = rule("query/periods-and-grain", "several periods side by side, and a time grain")


def share(span: Span, member: str) -> Diagnostic:
    return Diagnostic(
        SHARE,
        f"a share across `{member}` needs `{member}` among the query's groups, and it is not there",
        Label(span, "not grouped by"),
        help=f"add `--by {member}`",
    )


def share_of_itself(span: Span, grain: str | None) -> Diagnostic:
    """`grain` is one by which the query groups, where it does."""
    written = span.excerpt()
    across = f"{written[:-1]} across {grain})"
    of_all = "" if grain is None else f"; the part of each {grain} in all of them is `{across}`"
    return Diagnostic(
        SHARE_OF_ITSELF,
        f"`{written}` is 100 % whatever the data: no dimension is grouped by, so that it is its own total",
        Label(span, "a share of itself"),
        help=f"group by a dimension, as in `--by channel`{of_all}",
    )


def empty_period(span: Span, text: str) -> Diagnostic:
    start, _, end = (part.strip() for part in text.partition(".."))
    rule_of_ends = "the day after the dots is the first that is left out"
    return Diagnostic(
        BAD_PERIOD,
        f"the period `{text}` holds no day",
        Label(span, "ends where it starts" if start == end else "ends before it starts"),
        help=f"write `{start}` for that day; {rule_of_ends}"
        if start == end
        else f"write `{end}..{start}`; {rule_of_ends}",
    )


def periods_in_one(span: Span, periods: Sequence[str]) -> Diagnostic:
    options = " ".join(f"--period {period}" for period in periods)
    return Diagnostic(
        BAD_PERIOD,
        f"{len(periods)} periods stand in one text",
        Label(span, "several periods"),
        help=f"write each by itself: `{options}`, or in YAML `period: [{', '.join(periods)}]`",
    )


def period(span: Span, text: str, meant: str | None = None, why: str | None = None) -> Diagnostic:
    """`meant` is the period that is meant (two with `or`), `why` what is wrong with one of the right form."""
    return Diagnostic(
        BAD_PERIOD,
        f"`{text}` does not read as a period",
        Label(span, "no period"),
        help=write_meant(meant)
        or why
        or "write `2026`, `2026-Q3`, `2026-08`, `2026-W31`, `2026-08-15`, `2026-01-01..2026-04-01` or "
        "`last 30 days`",
    )


def period_out_of_range(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        BAD_PERIOD,
        f"the period `{text}` is out of range",
        Label(span, "beyond the calendar"),
        help="periods begin in the year 1000 or later, and end by 9999-12-31",
    )


def order(span: Span, name: str, columns: Sequence[str]) -> Diagnostic:
    close = did_you_mean(name, columns)
    column, _, direction = name.partition(" ")
    if column in columns and direction.strip().lower() in ("desc", "asc"):
        close = f"write `-{column}`" if direction.strip().lower() == "desc" else f"write `{column}`"
    return Diagnostic(
        BAD_ORDER,
        f"the result has no column `{name}` to order by",
        Label(span, "not in the result"),
        help=close or f"its columns are {listed(columns)}",
    )


def twice(span: Span, name: str, formula: str | None) -> Diagnostic:
    """`formula` is what may stand under another name, None for what has no other one."""
    other = "" if formula is None else f", or give it another name: `{name}_2 = {formula}`"
    return Diagnostic(
        TWICE,
        f"`{name}` would be two columns of the result",
        Label(span, "asked for twice"),
        help=f"leave one of the two out{other}",
    )


def named_by_itself(span: Span, name: str, kind: str, defined: Span) -> Diagnostic:
    return Diagnostic(
        SHADOWS,
        f"`{name}` is a {kind} of the project, and needs no formula",
        Label(span, "its own name"),
        (Label(defined, "defined here"),),
        help=f"write `{name}`",
    )


def shadows(span: Span, name: str, kind: str, defined: Span) -> Diagnostic:
    return Diagnostic(
        SHADOWS,
        f"`{name}` is a {kind} of the project, and this would show another number under its name",
        Label(span, "taken name"),
        (Label(defined, "defined here"),),
        help=f"give the formula a name of its own, for example `my_{name} = …`, or ask for `{name}`",
    )


def nothing(span: Span) -> Diagnostic:
    return Diagnostic(
        NOTHING, "the query asks for no KPI", Label(span, "nothing asked"), help="name a metric or KPI"
    )


def no_rows(span: Span, members: Sequence[str]) -> Diagnostic:
    """`members` are those that no aggregate keeps, or all of the query where none keeps them all."""
    shown = ", ".join(f"`{member}`" for member in members)
    all_of = "" if len(members) == 1 else "all of "
    return Diagnostic(
        NO_ROWS,
        f"nothing that is asked keeps {all_of}{shown}: totals and dates alone make no rows",
        Label(span, "no rows by it"),
        help=f"ask for something beside it that has rows by {shown}, or group by what it keeps",
    )


def limit(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        BAD_LIMIT,
        f"`{text}` is no number of rows",
        Label(span, "a positive number is due"),
        help="write a number from 1 on, for example `10`",
    )


def not_member(span: Span, name: str, written: str | None, otherwise: str) -> Diagnostic:
    """`written` is the help that names paths to a column, `otherwise` the one where there is no path."""
    return Diagnostic(
        NOT_MEMBER,
        f"`{name}` is neither a dimension nor a time grain",
        Label(span, "cannot be grouped by"),
        help=otherwise if written is None else written,
    )


def members_in_one(span: Span, names: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        NOT_MEMBER,
        f"{len(names)} names stand in one text",
        Label(span, "several names"),
        help=f"write each by itself, `--by {','.join(names)}`, or in YAML `by: [{', '.join(names)}]`",
    )


_PARTS_OF = {
    "month": "month_of_year",
    "quarter": "quarter_of_year",
    "week": "week_of_year",
    "day": "day_of_month",
    "hour": "hour_of_day",
}
"""Units of which a time has a bucket and a part, with the part."""


def no_member(expr: Expr) -> Diagnostic:
    """Return the report of a formula where a member is due."""
    text = expr.span.excerpt()
    if isinstance(expr, Negative) and isinstance(expr.operand, Name):
        help = f"a `-` sorts, and belongs to `order` only: write `{expr.operand.text}`"
    elif isinstance(expr, Call):
        by_time = _by_time(expr)
        definition = f'NAME: {{from: {{DATASET: "{text}"}}}}'
        help = by_time or f"rows are grouped by dimensions: define one, `{definition}` under `dimensions:`"
    else:
        help = "name a dimension, a path or a grain"
    return not_member(expr.span, text, None, help)


def _by_time(call: Call) -> str | None:
    """Return what is meant by a function of a time, such as `date_trunc('month', ordered_at)`."""
    words = [
        call.function,
        *(x.value if isinstance(x, Text) else x.text for x in call.arguments if isinstance(x, Text | Name)),
    ]
    named = [word.lower() for word in words]
    if any(word in ("weekday", *WEEKDAYS) for word in named):
        return "write `weekday`"
    unit = next((word for word in named if word in (*_PARTS_OF, "year")), None)
    if unit is None:
        return None
    part = _PARTS_OF.get(unit)
    if part is None or "trunc" in call.function:
        return f"write `{unit}`, the {unit}s of the time by which rows are read"
    return f"write `{unit}` for each {unit} by itself, `{part}` for what all {unit}s of that number have"


def filter_member(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        NOT_MEMBER,
        f"`{name}` is a filter, which is tested and has no members",
        Label(span, "cannot be grouped by"),
        help=f"write `--where {name}`, or define a dimension: `case when {name} then … else … end`",
    )


def having_name(span: Span, name: str, kind: str, columns: Sequence[str]) -> Diagnostic:
    """`kind` tells what the name is where the result lacks it: a `kpi`, a `member` or `nothing`."""
    others = did_you_mean(name, columns) or f"its columns are {listed(columns)}"
    help = {
        "kpi": f"ask for `{name}` too; {others}",
        "member": f"add `--by {name}`, or put the condition into `where`; {others}",
    }
    return Diagnostic(
        HAVING,
        f"`having` tests the result's columns, and `{name}` is none of them",
        Label(span, "not in the result"),
        help=help.get(kind, others),
    )


def having_period(span: Span, name: str, columns: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        HAVING,
        f"`having` tests the result's columns, and `{name}` has one for each period",
        Label(span, "of which period?"),
        help="write " + " or ".join(f"`{column}`" for column in columns[:3]),
    )


def having_aggregate(span: Span, formula: str) -> Diagnostic:
    return Diagnostic(
        HAVING,
        f"`having` tests the result's columns, and `{formula}` is computed from rows",
        Label(span, "no column"),
        help=f"ask for it under a name, `tested = {formula}`, and test `tested`",
    )


def periods_and_grain(span: Span, grain: str, periods: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        PERIODS_AND_GRAIN,
        f"{len(periods)} periods stand side by side, and by {grain} each row is in one of them only",
        Label(span, "time grain"),
        help=f"leave out `{grain}`, or ask for one period that holds them all",
    )


def no_part(span: Span, name: str, parts: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        PART,
        f"a query has no part `{name}`",
        Label(span, "no such part"),
        help=did_you_mean(_OTHERWISE.get(name, name), parts) or f"its parts are {listed(parts)}",
    )


def wrong_part(span: Span, name: str, expected: str, found: str, example: str) -> Diagnostic:
    return Diagnostic(
        PART,
        f"`{name}` takes {expected}, and this is {found}",
        Label(span, found),
        help=f"write `{example}`",
    )
