"""What can be wrong with definitions before any name is resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.loading.templates import has_ref, written_out
from kpidsl.loading.yaml_lines import quoted
from kpidsl.model.types import MOST_DIGITS, TYPE_NAMES, decimal_in_range
from kpidsl.source import Span

DUPLICATE_NAME = rule("name/duplicate", "a name that is defined twice")
OVERRIDE = rule("use/override", "an override of a definition that no lexicon has")
RESERVED = rule("name/reserved", "a name that the language keeps for itself")
CUT_BY_REMARK = rule("formula/cut-by-remark", "a formula of which ` #` has made a part a remark")
BAD_TYPE = rule("type/unknown", "a type that does not exist")
BAD_TABLE = rule("dataset/table-name", "a table name that no engine reads")
NO_SOURCE = rule("dataset/source", "a dataset without a table or with two sources")
BAD_ZONE = rule("project/timezone", "a time zone that does not exist")
BAD_FORMAT = rule("metric/format", "a number's format that says nothing")
HALF_INTERVAL = rule("join/half-an-interval", "a validity interval without its columns or its moment")
HALF_MATCH = rule("join/half-a-match", "an as-of join that does not say which row it takes")
BAD_VERSION = rule("kpi/version", "a version that is not major.minor.patch")
COLUMN_SOURCE = rule("column/source", "a column with two definitions")
BOUNDS = rule("kpi/bounds", "bounds that do not read, or of a value that is no number")
SQL_DIALECT = rule("sql/dialect", "SQL whose dialect is not named or not known")

NotAColumn = Callable[[Span, str], Diagnostic]
"""Tells of a formula that stands where a column is due."""


def duplicate_name(
    section: str, name: str, second: Span, first: Span, lexicon: str | None = None
) -> Diagnostic:
    """`lexicon` is the one that has the first."""
    where = f"under `{section}`" if lexicon is None else f"by the lexicon `{lexicon}`"
    in_place = f"rename yours, or add `override: true` to it so that it takes the place of `{lexicon}`'s"
    return Diagnostic(
        DUPLICATE_NAME,
        f"`{name}` is already defined {where}",
        Label(second, "defined again"),
        (Label(first, "first defined here"),),
        help="rename one of the two, or remove it" if lexicon is None else in_place,
    )


def overrides_nothing(section: str, name: str, mark: Span) -> Diagnostic:
    return Diagnostic(
        OVERRIDE,
        f"`{name}` overrides nothing: no lexicon has it under `{section}`",
        Label(mark, "nothing to override"),
        help="remove `override: true`, or write the name as the lexicon has it",
    )


def cut_by_remark(span: Span, whole: str) -> Diagnostic:
    return Diagnostic(
        CUT_BY_REMARK,
        "the formula ends before ` #`, with which YAML begins a remark",
        Label(span, "read as a remark"),
        help=f"put the formula in quotes: `{quoted(whole)}`",
    )


def reserved(name: str, span: Span, why: str, help: str) -> Diagnostic:
    return Diagnostic(RESERVED, f"`{name}` is {why}", Label(span, "taken name"), help=help)


_SQL_TYPES = {
    **dict.fromkeys(("int", "bigint", "smallint", "int64", "int32", "long", "number"), "write `integer`"),
    **dict.fromkeys(("varchar", "char", "nvarchar", "nchar", "varchar2", "clob"), "write `text`"),
    **dict.fromkeys(("string", "str", "uuid", "enum"), "write `text`"),
    **dict.fromkeys(("double", "real", "float64", "double precision"), "write `float`"),
    **dict.fromkeys(("numeric", "money"), "write `decimal(12,2)`, with its digits and those after the point"),
    **dict.fromkeys(("decimal",), "say how many digits, and how many after the point: `decimal(12,2)`"),
    **dict.fromkeys(("bool",), "write `boolean`"),
    **dict.fromkeys(("datetime", "timestamptz", "datetime2"), "write `timestamp`; a zone is `timezone:`"),
}


def bad_type(span: Span, text: str, names: Sequence[str] = TYPE_NAMES) -> Diagnostic:
    close = decimal_in_range(text)
    if close is not None:
        return Diagnostic(
            BAD_TYPE,
            f"`{text}` is out of range: a decimal has 1 to {MOST_DIGITS} digits, "
            "and its scale says how many of them stand after the point",
            Label(span, "out of range"),
            help=f"write `{close}`",
        )
    return Diagnostic(
        BAD_TYPE,
        f"`{text}` is not a type",
        Label(span, "unknown type"),
        help=_SQL_TYPES.get(_word_of(text))
        or "the types are "
        + ", ".join(f"`{name}`" for name in names)
        + f"; a decimal has at most {MOST_DIGITS} digits, for example `decimal(12,2)`",
    )


def is_type_of_sql(text: str) -> bool:
    """Tell whether a text begins with a type's name in some engine."""
    return _word_of(text) in _SQL_TYPES


def _word_of(text: str) -> str:
    return text.split("(")[0].strip().lower()


def formula_as_type(span: Span, name: str, text: str, type: str) -> Diagnostic:
    return Diagnostic(
        BAD_TYPE,
        f"`{text}` is not a type",
        Label(span, "a formula"),
        help=f'a formula stands beside the type that it gives: `{name}: {{type: {type}, expr: "{text}"}}`',
    )


def bad_table(span: Span, text: str) -> Diagnostic:
    table = written_out(text)
    schema = f"; where dbt builds it in another schema, `table: schema.{table}`" if has_ref(text) else ""
    return Diagnostic(
        BAD_TABLE,
        f"`{text}` does not read as a table's name",
        Label(span, "no table name"),
        help='write `schema.table`; names with other characters stand in double quotes: `shop."Order lines"`'
        if table is None
        else f"a table stands by its own name, without a template: `table: {table}`{schema}",
    )


def no_source(span: Span, name: str, both: bool, kind: str = "dataset") -> Diagnostic:
    fact = "has both `table:` and `sql:`" if both else "has neither `table:` nor `sql:`"
    help = "keep one of the two" if both else f"add `table: {name}`"
    return Diagnostic(NO_SOURCE, f"{kind} `{name}` {fact}", Label(span, "one source is due"), help=help)


def bad_zone(span: Span, text: str, help: str | None) -> Diagnostic:
    return Diagnostic(
        BAD_ZONE,
        f"`{text}` is no time zone",
        Label(span, "unknown zone"),
        help=help or "zones have names such as `Europe/Paris` or `UTC`",
    )


def bad_format(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        BAD_FORMAT,
        f"`{text}` does not say how a number is written",
        Label(span, "no format"),
        help="write a sample, such as `0.00`, `#,##0`, `0.0%` or `#,##0.00 €`",
    )


def half_an_interval(span: Span, has: str) -> Diagnostic:
    return Diagnostic(
        HALF_INTERVAL,
        f"the join has `{has}` alone; a validity interval is `between` and `at` together",
        Label(span, "half an interval"),
        help="write `between: [valid_from, valid_to], at: ordered_at`",
    )


def interval_at(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        HALF_INTERVAL,
        f"`{text}` is a formula; the `at` of an interval is a column of the row",
        Label(span, "not a column"),
        help="give the formula a name under `columns:` with `expr:`, and name it here",
    )


_MATCH_EXAMPLE = "`match: latest` and `before: ordered_at`"


def no_match(span: Span, has: str) -> Diagnostic:
    return Diagnostic(
        HALF_MATCH,
        f"the join has `{has}` without `match`, which says which of several rows is taken",
        Label(span, "belongs to an as-of join"),
        help=f"write {_MATCH_EXAMPLE} beside it, or remove it",
    )


def sides_of_match(span: Span, has: Sequence[str]) -> Diagnostic:
    if not has:
        fact = "the join has `match` without the own moment that the row lies before or after"
    else:
        fact = f"the join has {' and '.join(f'`{side}`' for side in has)}; an as-of join has one moment"
    return Diagnostic(
        HALF_MATCH,
        fact,
        Label(span, "before or after what?" if not has else "several moments"),
        help="write one of `before: ordered_at`, `at or before: …`, `after: …`, `at or after: …`; "
        "`within: 30 days` bounds how far from it",
    )


def match_moment(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        HALF_MATCH,
        f"`{text}` is a formula; the moment of an as-of join is a column of the row",
        Label(span, "not a column"),
        help="give the formula a name under `columns:` with `expr:`, and name it here",
    )


def interval_and_match(span: Span) -> Diagnostic:
    return Diagnostic(
        HALF_MATCH,
        "the join has a validity interval and an as-of match; a row finds its partner in one way",
        Label(span, "two ways"),
        help="keep `between` and `at` for rows that hold from … until …, `match` for rows of one moment",
    )


def bad_version(span: Span, text: str) -> Diagnostic:
    numbers = [str(int(number)) for number in re.findall(r"\d+", text)[:3]] or ["1"]
    return Diagnostic(
        BAD_VERSION,
        f"`{text}` is no version",
        Label(span, "three numbers are due"),
        help=f"write three numbers: `version: {'.'.join([*numbers, '0', '0'][:3])}`",
    )


def column_source(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        COLUMN_SOURCE,
        f"column `{name}` has more than one of `expr`, `sql` and `column`",
        Label(span, "one is enough"),
        help="keep the one that says where the value comes from",
    )


def unknown_sql_dialect(span: Span, name: str, help: str) -> Diagnostic:
    return Diagnostic(SQL_DIALECT, f"`{name}` is no SQL dialect", Label(span, "unknown dialect"), help=help)


def sql_dialect(span: Span, help: str) -> Diagnostic:
    return Diagnostic(
        SQL_DIALECT, "`sql:` needs the dialect it is written in", Label(span, "which dialect?"), help=help
    )


def bad_bound(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        BOUNDS,
        f"`{text}` is no bound",
        Label(span, "a number is due"),
        help="write a number, or `null` where there is no end: `bounds: [0, null]`",
    )


def bounds_crossed(span: Span, low: Decimal, high: Decimal) -> Diagnostic:
    return Diagnostic(
        BOUNDS,
        f"no value is from {low} to {high}",
        Label(span, "nothing between"),
        help=f"write the least first: `bounds: [{high}, {low}]`",
    )
