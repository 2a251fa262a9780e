"""What a dialect cannot say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, rule
from kpidsl.source import Span
from kpidsl.sql.not_written import NOT_WRITTEN, OTHER_NAMES, NotWritten, plain

UNKNOWN_DIALECT = rule("dialect/unknown", "a dialect for which no SQL is written")
UNSUPPORTED = rule("dialect/unsupported", "a construct that a dialect cannot compute exactly")
TOO_DEEP = rule("dialect/too-deep", "a statement that nests deeper than a dialect's engine goes")
LONG_NAME = rule("dialect/long-name", "a column's name that a dialect would cut")

_FEWER_TOGETHER = "ask for some of the KPIs, or of the periods side by side, in a query of their own"


def unknown_dialect(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    known = tuple(known)
    short = plain(name)
    found = NOT_WRITTEN.get(short)
    if found is not None:
        return _not_written(span, name, found, known)
    other = OTHER_NAMES.get(short, short)
    meant = f"the dialect is called `{other}`" if other in known else did_you_mean(name, known)
    return Diagnostic(
        UNKNOWN_DIALECT,
        f"there is no dialect `{name}`",
        Label(span, "unknown dialect"),
        help=meant or "the dialects are " + ", ".join(f"`{d}`" for d in known),
    )


def _not_written(span: Span, name: str, found: NotWritten, known: tuple[str, ...]) -> Diagnostic:
    near = [f"`{dialect}`" for dialect in found.near if dialect in known]
    return Diagnostic(
        UNKNOWN_DIALECT,
        f"there is no SQL for `{name}`: {found.reason}",
        Label(span, "no SQL for it"),
        help=f"the nearest is {' or '.join(near)}, whose SQL may fail there, or mean something else"
        if near
        else "the dialects are " + ", ".join(f"`{d}`" for d in known),
    )


def unsupported(span: Span, construct: str, dialect: str, reason: str, help: str) -> Diagnostic:
    return Diagnostic(
        UNSUPPORTED,
        f"{dialect} cannot compute {construct} exactly: {reason}",
        Label(span, f"not on {dialect}"),
        help=help,
    )


def long_name(span: Span, name: str, dialect: str, bytes: int) -> Diagnostic:
    return Diagnostic(
        LONG_NAME,
        f"{dialect} cuts names to {bytes} bytes, and `{name}` has {len(name.encode())}",
        Label(span, "longer than that"),
        help="give it a shorter name: a KPI by `short = its_name` in the query, a path by a dimension for it",
    )


def too_many_inside(span: Span, dialect: str, most: int, found: int) -> Diagnostic:
    return Diagnostic(
        TOO_DEEP,
        f"{dialect} takes each step of a WITH to be inside the one before it, and no more than {most} steps, "
        f"joins and selects inside one another; the statement has {found}",
        Label(span, "too many steps together"),
        help=_FEWER_TOGETHER,
    )


def too_many_steps(span: Span, dialect: str, most: int, found: int) -> Diagnostic:
    return Diagnostic(
        TOO_DEEP,
        f"{dialect} takes no more than {most} steps in a WITH, and the statement has {found}",
        Label(span, "too many steps together"),
        help=_FEWER_TOGETHER,
    )


def too_many_readings(span: Span, dialect: str, most: int, found: int) -> Diagnostic:
    return Diagnostic(
        TOO_DEEP,
        f"{dialect} plans a step of a WITH anew wherever it is read, and runs out of memory if tables are "
        f"read more than {most:,} times so; the statement would read them {found:,} times",
        Label(span, "too many steps together"),
        help=_FEWER_TOGETHER,
    )


def too_deep(span: Span, dialect: str, told: str, cut_day: date | None) -> Diagnostic:
    """`cut_day` is the day within which the query's instant cuts windows, if it does."""
    less = "nest less: fewer moves of time inside one another, values that a column of the dataset holds"
    whole = f"ask as of a whole day, `--as-of {cut_day}`: windows that end within a day nest deepest; or "
    return Diagnostic(
        TOO_DEEP,
        f"{dialect} cannot read the statement: {told}",
        Label(span, "nested too deep"),
        help=less if cut_day is None else whole + less,
    )
