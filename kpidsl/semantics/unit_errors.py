"""What can be wrong with units: their spelling, their sums, what a definition says of its own."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kpidsl.diagnostics import Diagnostic, Label, rule
from kpidsl.source import Span
from kpidsl.syntax import printer

UNKNOWN_UNIT = rule("unit/unknown", "a unit that nobody knows")
UNIT_SYNTAX = rule("unit/syntax", "a unit that does not read as one")
UNIT_PLURAL = rule("unit/plural", "a counted noun in the plural")
UNIT_MISMATCH = rule("unit/mismatch", "values of different units in a sum or comparison")
UNIT_DECLARED = rule("unit/declared", "a declared unit that the formula does not give")
TIME_UNIT = rule("unit/not-a-time", "a date or timestamp moved by something that is no time")
BARE_SECONDS = rule("unit/bare-seconds", "an elapsed time compared with a number without a unit", "warning")
NOT_A_NOUN = rule("unit/not-a-noun", "a dataset whose rows are not named by a counted noun")
CURRENCIES = rule("unit/currencies", "amounts of several currencies without a rate")


def unknown_unit(span: Span, word: str, help: str) -> Diagnostic:
    return Diagnostic(
        UNKNOWN_UNIT,
        f"`{word}` is neither a currency, a unit of time nor a counted noun",
        Label(span, "unknown unit"),
        help=help,
    )


def unit_syntax(span: Span, text: str, label: str, help: str) -> Diagnostic:
    return Diagnostic(UNIT_SYNTAX, f"`{text}` does not read as a unit", Label(span, label), help=help)


def plural(span: Span, word: str, singular: str) -> Diagnostic:
    return Diagnostic(
        UNIT_PLURAL,
        f"`{word}` is a plural, and one thing has one spelling",
        Label(span, "plural"),
        help=f"write `{singular}`",
    )


def not_a_noun(span: Span, dataset: str, unit: str, noun: str) -> Diagnostic:
    return Diagnostic(
        NOT_A_NOUN,
        f"the `unit` of a dataset says what one row is, and a row of `{dataset}` is no `{unit}`",
        Label(span, "nothing that is counted"),
        help=f"name what one row is, such as `unit: {noun}`; "
        f"`unit: {unit}` belongs to a column whose values are in it",
    )


def mismatch(
    span: Span, operation: str, left: str, right: str, origins: Sequence[Label], help: str
) -> Diagnostic:
    return Diagnostic(
        UNIT_MISMATCH,
        f"`{operation}` needs values of one unit, and here are `{left}` and `{right}`",
        Label(span, f"{left} and {right}"),
        tuple(origins),
        help=help,
    )


def say_currency(currency: str) -> str:
    """Return the help where amounts in `money` meet those of a currency, and the project has none."""
    return f"say `currency: {currency}` in kpidsl.yml: amounts in `money` are in `{currency}` then"


def currencies(span: Span, operation: str, left: str, right: str, origins: Sequence[Label]) -> Diagnostic:
    return Diagnostic(
        CURRENCIES,
        f"`{operation}` needs amounts of one currency, and here are `{left}` and `{right}`",
        Label(span, f"{left} and {right}"),
        tuple(origins),
        help=f"multiply one side by a rate that a join finds: `amount * fx.rate`, where `rate` is in "
        f'`{left}/{right}`, as a column `amount_{left.lower()}: {{type: "decimal(24,8)", unit: {left}, '
        "expr: amount * fx.rate, required: true}`",
    )


def declared(
    span: Span, what: str, written: str, found: str, origins: Sequence[Label], help: str
) -> Diagnostic:
    return Diagnostic(
        UNIT_DECLARED,
        f"{what} is declared `{written}`, and its formula gives `{found}`",
        Label(span, f"the formula gives {found}"),
        tuple(origins),
        help=help,
    )


def no_number(span: Span, name: str, found: str) -> Diagnostic:
    return Diagnostic(
        UNIT_DECLARED,
        f"`{name}` has a unit, and its formula gives {found}",
        Label(span, f"{found} has no unit"),
        help="remove `unit:`, or mend the formula",
    )


def not_a_time(span: Span, found: str, help: str) -> Diagnostic:
    return Diagnostic(
        TIME_UNIT,
        f"a date or timestamp is moved by a time such as `3 days`, and this is {found}",
        Label(span, "no time"),
        help=help,
    )


def bare_seconds(span: Span, value: int | Decimal | float) -> Diagnostic:
    number = printer.number(value)
    one = abs(value) == 1
    *units, seconds = (
        f"`{number} {word if one else word + 's'}`" for word in ("day", "hour", "minute", "second")
    )
    return Diagnostic(
        BARE_SECONDS,
        f"an elapsed time is in seconds, and so is `{number}` beside it",
        Label(span, f"{number} second{'' if one else 's'}"),
        help=f"say in which unit the number is: {', '.join(units)} or {seconds}",
    )


def beyond_calendar(span: Span) -> Diagnostic:
    return Diagnostic(
        TIME_UNIT,
        "the calendar ends with the year 9999, and this leads beyond it",
        Label(span, "no such time"),
        help="move it by less",
    )


def below_microsecond(span: Span) -> Diagnostic:
    return Diagnostic(
        TIME_UNIT,
        "times are kept to the microsecond, and this is finer",
        Label(span, "below a microsecond"),
        help="write at most six digits of a second: `0.000001 seconds`",
    )


def part_of_month(span: Span) -> Diagnostic:
    return Diagnostic(
        TIME_UNIT,
        "a date or timestamp is moved by whole months, and this may be a part of one",
        Label(span, "part of a month"),
        help="write whole months, or days: `45 days`",
    )
