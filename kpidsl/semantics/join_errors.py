"""What can be wrong with keys and joins, and with the dimensions that are reached by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.model.definitions import Dataset, Formula, Join, Project
from kpidsl.model.types import Type
from kpidsl.semantics.errors import MISMATCH, close_or_all, listed
from kpidsl.source import Span
from kpidsl.syntax import tree

NO_KEY_COLUMN = rule("dataset/key-column", "a key of a column that the dataset does not have")
JOIN_NAME = rule("join/name", "a join with another dataset's name")
JOIN_KEY = rule("join/not-on-key", "a join that does not use the target's whole key")
AMBIGUOUS_PATH = rule("join/ambiguous-path", "two ways from one dataset to another")
UNREACHABLE = rule("dimension/unreachable", "a dimension that a dataset cannot reach")
DIMENSION_TYPE = rule("dimension/type", "sources of one dimension with different types")
DIMENSION_DATASET = rule("dimension/unknown-dataset", "a dimension bound to a dataset that does not exist")
FAN_OUT = rule("grain/fan-out", "an aggregate that would count rows more than once")
INTERVAL = rule("join/interval", "a validity interval that cannot be compared with the row's own time")
MATCH = rule("join/match", "an as-of join without two times, or within what is no duration")
INTERVAL_KEY = rule("join/interval-not-in-key", "a validity interval whose start is not in the target's key")


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


def join_key(join: Join, target: Dataset, used: Sequence[str], dataset: Dataset) -> Diagnostic:
    missing = [column for column in target.key if column not in used]
    extra = [column for column in used if column not in target.key]
    fact = f"leaves out {listed(missing)}" if missing else f"uses {listed(extra)}, which is not in it"
    lacking = [column for column in target.key if column not in dataset.columns]
    columns = ", ".join(f"{column}: {'…' if column in lacking else column}" for column in target.key)
    help = f"write `using: {{{columns}}}` (target's column: own column)"
    if extra and lacking and target.time is not None:
        moment = "…" if dataset.time is None else dataset.time.text
        help = (
            f"add `match: latest, before: {moment}` for the last of these rows of `{target.name}` before it; "
            f"or name the own column that holds the key: `using: {{{columns}}}`"
        )
    if len(missing) == 1 and missing[0] not in dataset.columns and target.columns[missing[0]].type.is_time:
        moment = "…" if dataset.time is None else dataset.time.text
        end = "…" if target.until is None else target.until.text
        help = (
            f"add `between: [{missing[0]}, {end}], at: {moment}` for the row that holds then, "
            f"or `match: latest, before: {moment}` for the last one before"
        )
    return Diagnostic(
        JOIN_KEY,
        f"the key of `{target.name}` is {listed(target.key)}; join `{join.name}` {fact}, "
        "so a row could have several partners",
        Label(join.keys_span, "not the whole key"),
        help=help,
    )


def key_types(span: Span, own: str, mine: Type, theirs: str, other: Type) -> Diagnostic:
    return Diagnostic(
        MISMATCH,
        f"`{own}` is of type {mine}, and `{theirs}`, which it is joined with, of type {other}",
        Label(span, "types do not fit"),
        help="declare both as the type that the tables have; where these differ, "
        "a column's `sql:` brings one to the other",
    )


def key_zones(span: Span, own: str, mine: str, theirs: str, other: str) -> Diagnostic:
    return Diagnostic(
        MISMATCH,
        f"`{own}` holds times of {mine}, and `{theirs}`, which it is joined with, of {other}",
        Label(span, "zones do not fit"),
        help="keys are compared as they are stored: a column's `sql:` brings one to the zone of the other",
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
        f"`{dataset}` does not reach the dimension `{dimension}`, which stands on {listed(sources)}",
        Label(span, "cannot be reached"),
        (Label(at, "dimension defined here"),),
        help=f"under `from:` of `{dimension}` say what it is on `{dataset}`: `{dataset}: …`",
    )


def with_filter(told: Diagnostic, name: str) -> Diagnostic:
    """Return what was told about a dimension, with the named filter that tests it."""
    return replace(told, message=f"{told.message}; the filter `{name}` tests it")


def no_path(span: Span, dataset: Dataset, target: Dataset) -> Diagnostic:
    lacking = [name for name in target.key if name not in dataset.columns]
    if target.key and not lacking:
        using = target.key[0] if len(target.key) == 1 else f"[{', '.join(target.key)}]"
        help = f"add to `joins:` of `{dataset.name}`: `{target.name}: {{to: {target.name}, using: {using}}}`"
    else:
        help = (
            f"no row of `{dataset.name}` tells which row of `{target.name}` belongs to it, for it has "
            f"no column {listed(lacking)}: leave it out, or join `{target.name}` by another column"
        )
    return Diagnostic(
        UNREACHABLE,
        f"no chain of many-to-one joins leads from `{dataset.name}` to `{target.name}`",
        Label(span, "cannot be reached"),
        help=help,
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
        help=close_or_all(name, candidates),
    )


def interval_types(span: Span, column: str, found: Type, at: tree.Name, at_type: Type) -> Diagnostic:
    return Diagnostic(
        INTERVAL,
        f"`{column}` is of type {found}, and `{at.text}`, which it is compared with, of type {at_type}",
        Label(span, f"is {found}"),
        (Label(at.span, f"is {at_type}"),),
        help="an interval and its `at` are both times, or both numbers",
    )


def computed_end(span: Span, join: str, column: str) -> Diagnostic:
    return Diagnostic(
        INTERVAL,
        f"the interval of join `{join}` ends in `{column}`, which is computed; it needs columns of the table",
        Label(span, "computed column"),
        help="name a column of the table, or compute it in the dataset's `sql:`",
    )


def reversed_keys(span: Span, target: str, keys: Sequence[tuple[str, str]]) -> Diagnostic:
    right = ", ".join(f"{own}: {theirs}" for theirs, own in keys)
    return Diagnostic(
        JOIN_KEY,
        f"the two sides of `using` are exchanged: a column of `{target}` stands before the `:`",
        Label(span, "the other way round"),
        help=f"write `using: {{{right}}}` (target's column: own column)",
    )


def interval_key(join: Join, target: Dataset, used: Sequence[str]) -> Diagnostic:
    *fixed, start = used
    rest = [column for column in target.key if column not in fixed]
    shown = ", ".join(f"`{column}`" for column in target.key) or "nothing"
    types = [target.columns[column].type for column in (*rest, start) if column in target.columns]
    is_start = len(rest) == 1 and len({type_.is_time for type_ in types}) == 1
    help = (
        f"write `between: [{rest[0]}, …]`"
        if is_start
        else f"declare `key: [{', '.join(used)}]` on `{target.name}` if that is what makes its rows unique"
    )
    return Diagnostic(
        INTERVAL_KEY,
        f"the key of `{target.name}` is {shown}; join `{join.name}` fixes "
        f"{', '.join(f'`{column}`' for column in used)}, so a row could have several partners",
        Label(join.keys_span, "not the whole key"),
        help=help,
    )


def match_without_time(span: Span, join: str, target: str, at: Span) -> Diagnostic:
    return Diagnostic(
        MATCH,
        f"join `{join}` takes a row of `{target}` by its time, and `{target}` has no time column",
        Label(span, "by what time?"),
        (Label(at, "dataset without a time"),),
        help=f"add `time:` to `{target}`: the column that says when its row was",
    )


def match_moment(moment: tree.Name, found: Type) -> Diagnostic:
    return Diagnostic(
        MATCH,
        f"`{moment.text}` is of type {found}; the moment of an as-of join is a date or a timestamp",
        Label(moment.span, f"is {found}"),
        help="name the time at which the partner is looked for",
    )


def match_within(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        MATCH,
        f"`{text}` is no duration that tells how far the partner may lie",
        Label(span, "no duration"),
        help="write a number with a unit of time, such as `30 days`, `12 hours` or `1 month`, "
        "or name a parameter of type duration",
    )


def other_way(project: Project, dataset: Dataset, step: str, column: str) -> str | None:
    """Return the help where a path walks a join from its wrong end."""
    other = project.datasets.get(step)
    if other is None or not any(join.target == dataset.name for join in other.joins.values()):
        return None
    example = f"sum({step}.{column})" if column in other.columns else f"count({step})"
    return f"`{step}` joins `{dataset.name}`, which has many of its rows: aggregate those, as in `{example}`"


def say_which(dimension: str, dataset: str, ways: Sequence[Sequence[str]], formula: Formula | None) -> str:
    """Return the help that writes each of two ways to a dimension out, with the column that it is there."""
    column = None if formula is None else formula.expr
    last = column.text if isinstance(column, tree.Name) else "…"
    meant = " or ".join(f"`{dataset}: {'.'.join((*way, last))}`" for way in ways[:2])
    return f"under `from:` of `{dimension}` say which: {meant}"
