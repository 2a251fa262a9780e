"""What can be wrong with names and types, and with a condition's place; one function per code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from kpidsl.diagnostics import Diagnostic, Label, did_you_mean, nearest, rule
from kpidsl.model.types import Kind, Type
from kpidsl.semantics.named_examples import compared
from kpidsl.source import Span
from kpidsl.syntax.other_functions import CLOCK, CLOCKS
from kpidsl.syntax.printer import quote

UNKNOWN = rule("name/unknown", "a name that nothing has")
AMBIGUOUS = rule("name/ambiguous", "a name that means two things")
CYCLE = rule("name/cycle", "definitions that rest on each other in a circle")
MISMATCH = rule("type/mismatch", "an operation on values of the wrong types")
NOT_CONDITION = rule("type/not-a-condition", "a condition that is no condition")
NEVER_EQUAL = rule("type/no-such-value", "a text that is none of the values that a column lists")
EXCHANGED_ENDS = rule("type/exchanged-ends", "a `between` whose greater end comes first", "warning")
NULL_COMPARED = rule("type/null-comparison", "a comparison with null")
TOO_PRECISE = rule("type/too-many-digits", "a product with more decimals than any engine keeps")
LOOSE_WHERE = rule("filter/loose", "a where whose left side is not clear")
MISPLACED_WHERE = rule("filter/misplaced", "a where inside a row formula")
NOT_DIMENSION = rule("filter/not-a-dimension", "a condition on something that is no dimension")


_MOST_LISTED = 12


def listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def write_meant(meant: str | None) -> str | None:
    """Return the help that offers what is meant, two texts where ` or ` stands between; None for none."""
    return None if meant is None else "write " + " or ".join(f"`{each}`" for each in meant.split(" or "))


def close_or_all(name: str, candidates: Iterable[str]) -> str:
    """Return names that are close, or where none is, what there is (not more than a line holds)."""
    known = tuple(dict.fromkeys(candidates))
    if not known:
        return "the project defines none; `kpidsl init` in an empty folder shows how they are written"
    close = did_you_mean(name, known)
    if close is not None:
        return close
    more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
    return f"there is {listed(known[:_MOST_LISTED])}{more}"


def part_of_path(span: Span, name: str) -> Span:
    """Return where a name stands in a path such as `orders.amount`: the span itself where it is no path."""
    text = span.excerpt()
    if not re.fullmatch(r"\w+(?:\s*\.\s*\w+)+", text):
        return span
    places = [place for place in re.finditer(r"\w+", text) if place[0] == name]
    if len(places) != 1:
        return span
    return Span(span.source, span.start + places[0].start(), span.start + places[0].end())


def unknown(
    span: Span, what: str, name: str, candidates: Iterable[str], help: str | None = None
) -> Diagnostic:
    return Diagnostic(
        UNKNOWN,
        f"there is no {what} `{name}`",
        Label(part_of_path(span, name), "unknown name"),
        help=help or (CLOCK if name in CLOCKS else close_or_all(name, candidates)),
    )


def label_as_name(span: Span, names: Sequence[str]) -> Diagnostic:
    several = len(names) > 1
    return Diagnostic(
        UNKNOWN,
        f"`{span.excerpt()}` is "
        + ("what several are called" if several else "a label")
        + ", and a name is due",
        Label(span, "which one?" if several else "a label"),
        help="write " + " or ".join(f"`{name}`" for name in names),
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
    if len(names) == 1:
        return Diagnostic(
            CYCLE,
            f"the definition of `{names[0]}` names itself",
            Label(spans[0], "rests on itself"),
            help=f"write it without `{names[0]}`, or name what is meant, if that is called alike",
        )
    shown = " → ".join(f"`{name}`" for name in (*names, names[0]))
    others = tuple(Label(span, f"`{name}` is here") for name, span in zip(names[1:], spans[1:], strict=True))
    return Diagnostic(
        CYCLE,
        f"these definitions rest on each other: {shown}",
        Label(spans[0], "circle starts here"),
        others,
        help="write one of them without the others",
    )


def mismatch(
    span: Span, operation: str, types: Sequence[Type], example: str, help: str | None = None
) -> Diagnostic:
    return Diagnostic(
        MISMATCH,
        f"`{operation}` does not take {' and '.join(map(str, types))}",
        Label(span, "types do not fit"),
        help=help or _literal_help(operation, types) or f"it is used like `{example}`",
    )


def _literal_help(operation: str, types: Sequence[Type]) -> str | None:
    """Return what is right where a literal was written in the form of another type."""
    kinds = {t.kind for t in types}
    if Kind.TEXT in kinds and kinds & {Kind.DATE, Kind.TIMESTAMP}:
        return "dates stand without quotes, such as `2026-01-31`"
    is_compared = operation in ("=", "!=", "<", "<=", ">", ">=", "in")
    if is_compared and kinds & {Kind.DATE, Kind.TIMESTAMP} and kinds & {Kind.INTEGER, Kind.FLOAT}:
        return "a date is written like `2026-01-31`"
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


def alternatives(expr: Span, meant: str) -> Diagnostic:
    return Diagnostic(
        NOT_CONDITION,
        "`or` stands between conditions, and values follow it here",
        Label(expr, "values after `or`"),
        help=f"write `{meant}`",
    )


def not_condition(span: Span, found: Type, values: Sequence[str] | None) -> Diagnostic:
    """`values` are those that a text is declared to have."""
    written = " ".join(span.excerpt().split())
    name = written if re.fullmatch(r"[\w.]+(?:\([\w., ]*\))?", written) else f"({written})"
    example = compared(name, found.kind, values or ())
    return Diagnostic(
        NOT_CONDITION,
        f"a condition is due here, and this is {found}",
        Label(span, str(found)),
        help=f"compare it with something, for example `{example}`",
    )


def grain_tested(span: Span, grain: str, help: str) -> Diagnostic:
    return Diagnostic(
        NOT_DIMENSION,
        f"`{grain}` is a time grain, and conditions here are on dimensions",
        Label(span, "a time grain"),
        help=help,
    )


def exchanged_ends(span: Span, written: str, meant: str) -> Diagnostic:
    return Diagnostic(
        EXCHANGED_ENDS,
        f"no value is in `{written}`: its greater end comes first",
        Label(span, "ends exchanged"),
        help=f"write `{meant}`",
    )


def null_compared(span: Span, text: str) -> Diagnostic:
    return Diagnostic(
        NULL_COMPARED,
        "nothing equals null, so this condition is the same for every row",
        Label(span, "compared with null"),
        help=f"write `{text} is null` or `{text} is not null`",
    )


def never_equal(span: Span, shown: str, text: str, values: Sequence[str]) -> Diagnostic:
    """`values` are the texts that what is `shown` can be."""
    return Diagnostic(
        NEVER_EQUAL,
        f"`{shown}` is never `{quote(text)}`",
        Label(span, "none of its values"),
        help=one_of_its_values(text, values, quote),
    )


def one_of_its_values(text: str, values: Sequence[str], written: Callable[[str], str] = str) -> str:
    """Return the help for a text that is none of those that a value can be, each as it is `written`."""
    close = nearest(text, values)
    if close:
        return "did you mean " + " or ".join(f"`{written(one)}`" for one in close) + "?"
    more = f" and {len(values) - _MOST_LISTED} more" if len(values) > _MOST_LISTED else ""
    return f"its values are {listed(map(written, values[:_MOST_LISTED]))}{more}"


def too_precise(span: Span) -> Diagnostic:
    return Diagnostic(
        TOO_PRECISE,
        "the product has more than 38 decimals, which no engine keeps exactly",
        Label(span, "too many decimals"),
        help="round one side first, for example `round(a, 6) * b`",
    )


def loose_where(span: Span, whole: str, last: str) -> Diagnostic:
    """`whole` and `last` are the two formulas that may be meant."""
    return Diagnostic(
        LOOSE_WHERE,
        "it is not clear whether this condition holds for the whole formula or only for its last part",
        Label(span, "whole or last part?"),
        help=f"write `{whole}` or `{last}`",
    )


def where_on_constant(span: Span, last: str, whole: str) -> Diagnostic:
    return Diagnostic(
        LOOSE_WHERE,
        f"a condition holds for what stands before it, and `{last}` is the same for all rows",
        Label(span, "holds for what?"),
        help=f"write `{whole}`",
    )


def bare_where(span: Span, whole: str) -> Diagnostic:
    return Diagnostic(
        LOOSE_WHERE,
        "before `where` stands a name, a call or a formula in brackets",
        Label(span, "no brackets"),
        help=f"write `{whole}`",
    )


def misplaced_where(span: Span) -> Diagnostic:
    return Diagnostic(
        MISPLACED_WHERE,
        "`where` does not belong inside a row formula",
        Label(span, "where inside a row"),
        help="write `case when … then … end`, or put the `where` at the end of the aggregate's argument",
    )


def not_dimension(span: Span, name: str, written: str | None, otherwise: str) -> Diagnostic:
    """`written` is the help that names paths to the column, `otherwise` the one where there is no path."""
    return Diagnostic(
        NOT_DIMENSION,
        f"`{name}` is a column, and conditions here are on dimensions",
        Label(span, "no dimension"),
        help=otherwise if written is None else f"{written}, or define `{name}` under `dimensions:`",
    )
