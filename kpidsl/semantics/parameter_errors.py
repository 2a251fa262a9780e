"""What can be wrong with parameters and with the values that they are given."""

from __future__ import annotations

from collections.abc import Sequence

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.model.types import Kind, Type
from kpidsl.semantics import errors
from kpidsl.semantics.errors import listed
from kpidsl.source import Span
from kpidsl.syntax.printer import quote

VALUE = rule("parameter/value", "a value that does not fit its parameter")
MISSING = rule("parameter/missing", "a parameter without a value where one is needed")
TWICE = rule("parameter/twice", "a parameter that is given a value twice")
NO_EFFECT = rule("parameter/no-effect", "a value for a parameter that the query does not use", "warning")
LIST = rule("parameter/list", "a list where one value is due, or one value where a list is due")

_EXAMPLES = {
    Kind.BOOLEAN: "true",
    Kind.INTEGER: "12",
    Kind.DECIMAL: "40.00",
    Kind.FLOAT: "0.25",
    Kind.TEXT: "'email'",
    Kind.DATE: "2026-01-31",
    Kind.TIMESTAMP: "2026-01-31 14:30:00",
    Kind.DURATION: "10 minutes",
}


def example(type: Type, *, listed: bool) -> str:
    """Return a value of a type, as it is written."""
    one = _EXAMPLES.get(type.kind, "1")
    two = {"true": "false", "'email'": "'search'", "2026-01-31": "2026-02-28"}.get(one, "")
    return f"{one}, {two}" if listed and two else one


def value(span: Span, name: str, text: str, type: Type, reason: str, *, listed: bool) -> Diagnostic:
    return Diagnostic(
        VALUE,
        f"`{text}` is no value of `{name}`, which is {type}{reason}",
        Label(span, f"no {type}"),
        help=f"write `{quote(text)}`, its quotes doubled"
        if type.kind is Kind.TEXT and not text.startswith("'")
        else f"write it like `{name}={example(type, listed=listed)}`",
    )


def empty(span: Span, name: str, type: Type, *, listed: bool) -> Diagnostic:
    what = "an empty text is written `''`; " if type.kind is Kind.TEXT else ""
    return Diagnostic(
        VALUE,
        f"`{name}` is given nothing",
        Label(span, "no value"),
        help=f"{what}write it like `{name}={example(type, listed=listed)}`",
    )


def one_value(span: Span, name: str, count: int) -> Diagnostic:
    return Diagnostic(
        LIST,
        f"`{name}` takes one value, and {count} are given",
        Label(span, "several values"),
        help=f"give one, or declare `{name}` with `list: true` and use it as `… in ({name})`",
    )


def outside_in(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        LIST,
        f"`{name}` holds a list, and one value is due here",
        Label(span, "a list"),
        help=f"write `… in ({name})`",
    )


def missing(span: Span, name: str, type: Type, *, listed: bool) -> Diagnostic:
    shown = example(type, listed=listed)
    quoted = f'--set "{name}={shown}"' if not shown.isalnum() else f"--set {name}={shown}"
    return Diagnostic(
        MISSING,
        f"the query needs a value of `{name}`, which has no default",
        Label(span, "no default"),
        help=f"add `{quoted}`, or a `default:`",
    )


def no_length(span: Span, name: str, text: str) -> Diagnostic:
    return Diagnostic(
        VALUE,
        f"`{name}` is {text}, and a month has no fixed length to compare an elapsed time with",
        Label(span, "months or years"),
        help=f"give it in days, for example `{name}=30 days`",
    )


def no_effect(span: Span, name: str, used: Sequence[str]) -> Diagnostic:
    """`used` are the parameters that the query rests on."""
    rests = listed(used) if used else "no parameter"
    return Diagnostic(
        NO_EFFECT,
        f"`{name}` is given a value, and nothing that is asked for uses it",
        Label(span, "changes nothing"),
        help=f"leave it out: the answer rests on {rests}",
    )


def unknown(span: Span, name: str, candidates: Sequence[str]) -> Diagnostic:
    """`candidates` are the project's parameters."""
    written = f"`{name}: {{type: integer, default: 10}}` under `parameters:`"
    help = None if candidates else f"the project has no parameters; one is written {written}"
    return errors.unknown(span, "parameter", name, candidates, help)


def no_distance(span: Span, name: str, text: str) -> Diagnostic:
    return Diagnostic(
        VALUE,
        f"`{name}` is {text}, which is no distance in whole months, days or microseconds",
        Label(span, "no such distance"),
        help=f"give whole months, or days: `{name}=45 days`",
    )


def twice(span: Span, name: str, values: Sequence[str]) -> Diagnostic:
    shown = " and ".join(f"`{text}`" for text in values)
    return Diagnostic(
        TWICE, f"`{name}` is given {shown}", Label(span, "given again"), help="keep one of the two"
    )
