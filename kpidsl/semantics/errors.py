"""What the checker can find wrong; one function per code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.model.types import Kind, Type
from kpidsl.model.zones import known
from kpidsl.semantics.habits import CLOCK, CLOCKS
from kpidsl.source import Span

UNKNOWN = rule("name/unknown", "a name that nothing has")
AMBIGUOUS = rule("name/ambiguous", "a name that means two things")
CYCLE = rule("name/cycle", "definitions that rest on each other in a circle")
NO_KEY_COLUMN = rule("dataset/key-column", "a key of a column that the dataset does not have")
JOIN_NAME = rule("join/name", "a join with another dataset's name")
JOIN_KEY = rule("join/not-on-key", "a join that does not use the target's whole key")
AMBIGUOUS_PATH = rule("join/ambiguous-path", "two ways from one dataset to another")
UNREACHABLE = rule("dimension/unreachable", "a dimension that a dataset cannot reach")
DIMENSION_TYPE = rule("dimension/type", "sources of one dimension with different types")
DIMENSION_DATASET = rule("dimension/unknown-dataset", "a dimension bound to a dataset that does not exist")
FAN_OUT = rule("grain/fan-out", "an aggregate that would count rows more than once")
MISMATCH = rule("type/mismatch", "an operation on values of the wrong types")
NOT_CONDITION = rule("type/not-a-condition", "a condition that is no condition")
NULL_COMPARED = rule("type/null-comparison", "a comparison with null")
TOO_PRECISE = rule("type/too-many-digits", "a product with more decimals than any engine keeps")
MISSING_AGGREGATE = rule("aggregate/missing", "a row's value outside an aggregate")
NESTED = rule("aggregate/nested", "an aggregate inside a row formula")
NO_HOME = rule("aggregate/no-dataset", "an aggregate that names no dataset")
NOT_ROWS = rule("aggregate/whole-dataset", "a whole dataset where a column is due")
ARITY = rule("function/arguments", "a function with too many or too few arguments")
UNKNOWN_FUNCTION = rule("function/unknown", "a function that does not exist")
LATER_FUNCTION = rule("function/not-in-this-version", "a function that this version does not have")
MODIFIER = rule("function/modifier", "a modifier where it means nothing")
LOOSE_WHERE = rule("filter/loose", "a where whose left side is not clear")
MISPLACED_WHERE = rule("filter/misplaced", "a where inside a row formula")
NOT_DIMENSION = rule("filter/not-a-dimension", "a condition on something that is no dimension")
SHARE = rule("share/not-in-by", "a share across a dimension that the query does not group by")
NO_TIME = rule("time/no-time-column", "a period or grain over a dataset without a time column")
NOT_TIME = rule("time/not-a-time", "a time column that holds no times")
EMPTY_MEANS = rule("metric/empty", "`empty: null` on a metric that aggregates nothing itself")
BAD_PERIOD = rule("query/period", "a period that does not read as one")
BAD_ORDER = rule("query/order", "an order by something that the result does not have")
TWICE = rule("query/twice", "one column asked for twice")
SHADOWS = rule("query/shadows", "an ad-hoc formula under the name of a metric or KPI")
NOTHING = rule("query/nothing-asked", "a query without a KPI")
BAD_LIMIT = rule("query/limit", "a limit that is no positive number")
NOT_MEMBER = rule("query/not-a-member", "a group by something that is neither a dimension nor a grain")
TEST_TABLE = rule("test/unknown-dataset", "test rows for a dataset that does not exist")
TEST_COLUMN = rule("test/unknown-column", "a test's cell for a column that does not exist")
TEST_VALUE = rule("test/value", "a test's cell that does not fit its column")
BAD_SQL = rule("sql/syntax", "SQL that does not parse in its dialect")
SQL_SHAPE = rule("sql/shape", "SQL that is more than a select or a column's expression")


_MOST_LISTED = 12


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _close_or_all(name: str, candidates: Iterable[str]) -> str | None:
    """Return names that are close, or where none is, what there is (not more than a line holds)."""
    known = tuple(dict.fromkeys(candidates))
    close = did_you_mean(name, known)
    if close is not None or not known:
        return close
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    return f"there is {_listed(known[:_MOST_LISTED])}{more}"


def unknown(
    span: Span, what: str, name: str, candidates: Iterable[str], help: str | None = None
) -> Diagnostic:
    return Diagnostic(
        UNKNOWN,
        f"there is no {what} `{name}`",
        Label(span, "unknown name"),
        help=help or (CLOCK if name in CLOCKS else _close_or_all(name, candidates)),
    )


def bare_text(span: Span) -> Diagnostic:
    name = span.excerpt()
    return Diagnostic(
        UNKNOWN,
        f"there is no column or dimension `{name}`",
        Label(span, "unknown name"),
        help=f"a text stands in quotes: `'{name}'`",
    )


def ambiguous(span: Span, name: str, meanings: Sequence[str], help: str) -> Diagnostic:
    return Diagnostic(
        AMBIGUOUS, f"`{name}` is " + " and ".join(meanings), Label(span, "two meanings"), help=help
    )


def cycle(names: Sequence[str], spans: Sequence[Span]) -> Diagnostic:
    shown = " → ".join(f"`{name}`" for name in (*names, names[0]))
    others = tuple(Label(span, f"`{name}` is here") for name, span in zip(names[1:], spans[1:], strict=True))
    return Diagnostic(
        CYCLE,
        f"these definitions rest on each other: {shown}",
        Label(spans[0], "circle starts here"),
        others,
        help="write one of them without the others",
    )


def key_column(
    span: Span, dataset: str, column: str, candidates: Iterable[str], *, computed: bool
) -> Diagnostic:
    return Diagnostic(
        NO_KEY_COLUMN,
        f"the key of `{dataset}` names `{column}`, which is {'computed' if computed else 'no column of it'}",
        Label(span, "computed column" if computed else "no such column"),
        help=did_you_mean(column, candidates) or f"add `{column}` under `columns:`",
    )


def join_name(span: Span, name: str, target: str) -> Diagnostic:
    return Diagnostic(
        JOIN_NAME,
        f"the join `{name}` bears the name of another dataset than its target `{target}`",
        Label(span, "another dataset's name"),
        help=f"name the join after what the partner is, for example `{target.rstrip('s')}`",
    )


def join_key(span: Span, join: str, target: str, key: Sequence[str], used: Sequence[str]) -> Diagnostic:
    missing = [column for column in key if column not in used]
    extra = [column for column in used if column not in key]
    fact = f"leaves out {_listed(missing)}" if missing else f"uses {_listed(extra)}, which is not in it"
    columns = ", ".join(f"{column}: {column}" for column in key)
    return Diagnostic(
        JOIN_KEY,
        f"the key of `{target}` is {_listed(key)}; join `{join}` {fact}, "
        "so a row could have several partners",
        Label(span, "not the whole key"),
        help=f"write `using: {{{columns}}}` (target's column: own column)",
    )


def ambiguous_path(
    span: Span, source: str, target: str, paths: Sequence[Sequence[str]], help: str
) -> Diagnostic:
    ways = " and ".join(f"`{'.'.join((source, *path))}`" for path in paths)
    return Diagnostic(
        AMBIGUOUS_PATH,
        f"`{source}` reaches `{target}` in {len(paths)} ways: {ways}",
        Label(span, "which way?"),
        help=help,
    )


def unreachable(span: Span, dataset: str, dimension: str, sources: Sequence[str], at: Span) -> Diagnostic:
    return Diagnostic(
        UNREACHABLE,
        f"`{dataset}` does not reach the dimension `{dimension}`, which stands on {_listed(sources)}",
        Label(span, "cannot be reached"),
        (Label(at, "dimension defined here"),),
        help=f"under `from:` of `{dimension}` say what it is on `{dataset}`: `{dataset}: …`",
    )


def with_filter(told: Diagnostic, name: str) -> Diagnostic:
    """Return what was told about a dimension, with the named filter that tests it."""
    return replace(told, message=f"{told.message}; the filter `{name}` tests it")


def no_path(span: Span, dataset: str, target: str) -> Diagnostic:
    return Diagnostic(
        UNREACHABLE,
        f"no chain of many-to-one joins leads from `{dataset}` to `{target}`",
        Label(span, "cannot be reached"),
        help=f"add a join to `{target}` under `joins:` of `{dataset}`",
    )


def fan_out(span: Span, dataset: str, target: str, member: str, aggregate: Span) -> Diagnostic:
    related = () if aggregate == span else (Label(aggregate, f"one row per row of {dataset}"),)
    return Diagnostic(
        FAN_OUT,
        f"with `{member}` a row of `{dataset}` would be counted once per row of `{target}`",
        Label(span, f"many {target} per row"),
        related,
        help=f"use an aggregate of `{target}`, for example `count({target})`, "
        f"or a column that `{dataset}` reaches",
    )


def dimension_type(
    span: Span, dimension: str, found: Type, dataset: str, expected: Type, first: str, at: Span
) -> Diagnostic:
    return Diagnostic(
        DIMENSION_TYPE,
        f"`{dimension}` is {found} on `{dataset}` and {expected} {first}",
        Label(span, str(found)),
        (Label(at, str(expected)),),
        help="give every dataset's formula the same type",
    )


def dimension_dataset(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        DIMENSION_DATASET,
        f"there is no dataset `{name}`",
        Label(span, "unknown dataset"),
        help=_close_or_all(name, candidates),
    )


def mismatch(span: Span, operation: str, types: Sequence[Type], example: str) -> Diagnostic:
    return Diagnostic(
        MISMATCH,
        f"`{operation}` does not take {' and '.join(map(str, types))}",
        Label(span, "types do not fit"),
        help=_literal_help(operation, types) or f"it is used like `{example}`",
    )


def _literal_help(operation: str, types: Sequence[Type]) -> str | None:
    """Return what is right where a literal was written in the form of another type."""
    kinds = {t.kind for t in types}
    if Kind.TEXT in kinds and kinds & {Kind.DATE, Kind.TIMESTAMP}:
        return "dates stand without quotes, such as `2026-01-31`"
    if Kind.BOOLEAN in kinds and kinds & {Kind.INTEGER, Kind.TEXT}:
        return "a boolean is a condition by itself: `is_test`, `not is_test`"
    if operation == "+" and kinds == {Kind.TEXT}:
        return "texts are joined by `concat(a, b)`"
    if Kind.TEXT in kinds and kinds & {Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT}:
        return "texts stand in quotes and numbers without: `'1'` is a text, `1` a number"
    return None


def declared_type(span: Span, name: str, declared: Type, found: Type) -> Diagnostic:
    return Diagnostic(
        MISMATCH,
        f"`{name}` is declared {declared} and its formula gives {found}",
        Label(span, str(found)),
        help=f"write `type: {found}`, or change the formula",
    )


def not_condition(span: Span, found: Type) -> Diagnostic:
    example = "status in ('paid', 'sent')" if found.kind is Kind.TEXT else "amount > 0"
    return Diagnostic(
        NOT_CONDITION,
        f"a condition is due here, and this is {found}",
        Label(span, str(found)),
        help=f"compare it with something, for example `{example}`",
    )


def null_compared(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        NULL_COMPARED,
        "nothing equals null, so this condition is the same for every row",
        Label(span, "compared with null"),
        help=f"write `{text} is null` or `{text} is not null`",
    )


def too_precise(span: Span) -> Diagnostic:
    return Diagnostic(
        TOO_PRECISE,
        "the product has more than 38 decimals, which no engine keeps exactly",
        Label(span, "too many decimals"),
        help="round one side first, for example `round(a, 6) * b`",
    )


def missing_aggregate(span: Span, name: str, dataset: str, function: str) -> Diagnostic:
    return Diagnostic(
        MISSING_AGGREGATE,
        f"`{name}` has a value for each row of `{dataset}`, and a formula needs one for all of them",
        Label(span, "one value per row"),
        help=f"say how to combine them, for example `{function}({name})`",
    )


def nested(span: Span, inner: str, kind: str = "an aggregate") -> Diagnostic:
    return Diagnostic(
        NESTED,
        f"`{inner}` is {kind}, one value for many rows, and it stands where each row has its own",
        Label(span, "value of many rows"),
        help="aggregate columns here, and combine aggregates outside: `sum(orders.amount) / count(orders)`",
    )


def no_home(span: Span, function: str, candidates: Sequence[str], name: str | None) -> Diagnostic:
    if candidates and name:
        help = "write " + " or ".join(f"`{function}({dataset}.{name})`" for dataset in candidates[:3])
    else:
        help = f"name the dataset whose rows it reads, for example `{function}(orders.amount)`"
    return Diagnostic(
        NO_HOME,
        f"`{function}` does not say whose rows it aggregates",
        Label(span, "which dataset?"),
        help=help,
    )


def whole_dataset(
    span: Span, function: str, dataset: str, columns: Sequence[str], rest: str = ""
) -> Diagnostic:
    """`rest` is what stands after the column in the call that is offered."""
    column = columns[0] if columns else "…"
    return Diagnostic(
        NOT_ROWS,
        f"`{function}` needs a value of each row, and `{dataset}` is a whole dataset",
        Label(span, "no column named"),
        help=f"write `{function}({dataset}.{column}{rest})`; rows are counted by `count({dataset})`",
    )


def arity(span: Span, function: str, least: int, most: int, found: int, example: str) -> Diagnostic:
    due = str(least) if least == most else f"{least} to {most}"
    return Diagnostic(
        ARITY,
        f"`{function}` takes {due} argument{'s' if due != '1' else ''}, "
        f"and {found or 'none'} stand{'s' if found == 1 else ''} here",
        Label(span, f"{found} argument{'' if found == 1 else 's'}"),
        help=f"it is used like `{example}`",
    )


def unknown_function(span: Span, name: str, candidates: Iterable[str], help: str | None = None) -> Diagnostic:
    return Diagnostic(
        UNKNOWN_FUNCTION,
        f"there is no function `{name}`",
        Label(span, "unknown function"),
        help=help or _close_or_all(name, candidates),
    )


def later_function(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        LATER_FUNCTION,
        f"`{name}` is not in this version of the language",
        Label(span, "not known yet"),
        help="`kpidsl explain function/not-in-this-version` lists what is",
    )


def modifier(span: Span, word: str, function: str, where: str) -> Diagnostic:
    return Diagnostic(
        MODIFIER,
        f"`{word}` means nothing in `{function}`",
        Label(span, "out of place"),
        help=f"`{word}` belongs to {where}",
    )


def loose_where(span: Span, left: str, last: str, condition: str, first: str) -> Diagnostic:
    return Diagnostic(
        LOOSE_WHERE,
        "it is not clear whether this condition holds for the whole formula or only for its last part",
        Label(span, "whole or last part?"),
        help=f"write `({left}) where {condition}` or `{first} ({last} where {condition})`",
    )


def misplaced_where(span: Span) -> Diagnostic:
    return Diagnostic(
        MISPLACED_WHERE,
        "`where` does not belong inside a row formula",
        Label(span, "where inside a row"),
        help="write `case when … then … end`, or put the `where` at the end of the aggregate's argument",
    )


def not_dimension(span: Span, name: str, holders: Sequence[str]) -> Diagnostic:
    paths = " or ".join(f"`{holder}.{name}`" for holder in holders[:3])
    return Diagnostic(
        NOT_DIMENSION,
        f"`{name}` is a column, and conditions here are on dimensions",
        Label(span, "no dimension"),
        help=f"write {paths}, or define `{name}` under `dimensions:`",
    )


def share(span: Span, member: str) -> Diagnostic:
    return Diagnostic(
        SHARE,
        f"a share across `{member}` needs `{member}` among the query's groups, and it is not there",
        Label(span, "not grouped by"),
        help=f"add `--by {member}`",
    )


def no_time(span: Span, dataset: str, because: str, at: Span) -> Diagnostic:
    return Diagnostic(
        NO_TIME,
        f"`{dataset}` has no time column, and {because}",
        Label(span, "rows without time"),
        (Label(at, "dataset defined here"),),
        help=f"add `time: …` to dataset `{dataset}`, or `at …` in the aggregate",
    )


def not_time(span: Span, name: str, found: Type) -> Diagnostic:
    return Diagnostic(
        NOT_TIME,
        f"`{name}` is {found}, not a date or timestamp",
        Label(span, str(found)),
        help="name a date or timestamp column",
    )


def empty_means(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        EMPTY_MEANS,
        f"`empty: null` of `{name}` is about its own sums and counts, and its formula has none",
        Label(span, "no sum or count"),
        help="put `empty: null` on the metric that holds the sum or count",
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


def period(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        BAD_PERIOD,
        f"`{text}` does not read as a period",
        Label(span, "no period"),
        help="write `2026`, `2026-Q3`, `2026-08`, `2026-W31`, `2026-08-15` or `2026-01-01..2026-04-01`",
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
        help=close or f"its columns are {_listed(columns)}",
    )


def twice(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        TWICE,
        f"`{name}` would be two columns of the result",
        Label(span, "asked for twice"),
        help="remove one of the two, or give it another name: `other_name = …`",
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


def limit(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        BAD_LIMIT,
        f"`{text}` is no number of rows",
        Label(span, "a positive number is due"),
        help="write a number from 1 on, for example `10`",
    )


def not_member(span: Span, name: str, holders: Sequence[str]) -> Diagnostic:
    help = (
        "write " + " or ".join(f"`{holder}.{name}`" for holder in holders[:3])
        if holders
        else "name a dimension, a path or a grain"
    )
    return Diagnostic(
        NOT_MEMBER,
        f"`{name}` is neither a dimension nor a time grain",
        Label(span, "cannot be grouped by"),
        help=help,
    )


def filter_member(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        NOT_MEMBER,
        f"`{name}` is a filter, which is tested and has no members",
        Label(span, "cannot be grouped by"),
        help=f"write `--where {name}`, or define a dimension: `case when {name} then … else … end`",
    )


def test_table(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        TEST_TABLE,
        f"there is no dataset `{name}`",
        Label(span, "unknown dataset"),
        help=_close_or_all(name, candidates),
    )


def test_column(span: Span, where: str, name: str, candidates: Iterable[str]) -> Diagnostic:
    candidates = tuple(candidates)
    return Diagnostic(
        TEST_COLUMN,
        f"{where} has no column `{name}`",
        Label(span, "unknown column"),
        help=did_you_mean(name, candidates) or f"its columns are {_listed(candidates)}",
    )


_VALUES = {
    Kind.BOOLEAN: "true",
    Kind.INTEGER: "12",
    Kind.DECIMAL: "40.00",
    Kind.FLOAT: "0.25",
    Kind.DATE: "2026-01-31",
    Kind.TIMESTAMP: "2026-01-31 14:30:00",
}


def test_value(span: Span, text: str, type: Type) -> Diagnostic:
    example = _VALUES.get(type.kind, "text")
    if type.shown_in is not None:
        moment = datetime(2026, 1, 31, 14, tzinfo=known(type.shown_in))
        example = moment.isoformat(sep=" ")
    return Diagnostic(
        TEST_VALUE,
        f"`{text}` is no {type}",
        Label(span, f"no {type}"),
        help=f"write it like `{example}`",
    )


def bad_sql(span: Span, dialect: str, reason: str) -> Diagnostic:
    return Diagnostic(
        BAD_SQL,
        f"this does not parse as {dialect}: {reason}",
        Label(span, "does not parse"),
        help="mend the SQL or its `dialect:`",
    )


def sql_shape(span: Span, due: str) -> Diagnostic:
    return Diagnostic(SQL_SHAPE, f"{due} is due here", Label(span, "something else"), help=f"write {due}")
