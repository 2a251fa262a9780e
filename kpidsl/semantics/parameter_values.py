"""The values of parameters, read from what somebody wrote and typed.

A value is one literal of the language, or several with commas between; a text may stand without its
quotes. It is read by the formula's parser and becomes a constant: nothing in it can be more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Context, Decimal
from fractions import Fraction

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import GivenValues, Parameter
from kpidsl.model.types import TEXT, TIMESTAMP, UNKNOWN, Kind, Type
from kpidsl.semantics import parameter_errors
from kpidsl.semantics.bound import Constant, ConstantValue
from kpidsl.semantics.elapsed import SECONDS
from kpidsl.semantics.literals import literal, quantity
from kpidsl.semantics.unit_facts import UnitFact
from kpidsl.semantics.unit_names import DeclaredUnits
from kpidsl.semantics.unit_rules import convert
from kpidsl.semantics.units import named
from kpidsl.source import Excerpt, SourceFile, SourceText, Span
from kpidsl.syntax import parse_formula, tree
from kpidsl.syntax.printer import quote

Values = Mapping[str, tuple[Constant, ...]]

_PIECE = re.compile(r"'(?:[^']|'')*'|[^',]")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_EXACT = Context(prec=200)
_SECOND = named("second")


def default_values(units: DeclaredUnits, sink: Sink) -> Values:
    """Return the defaults of parameters; those that do not fit their types are reported."""
    return {
        name: values
        for name, parameter in units.project.parameters.items()
        if parameter.default is not None
        and (values := _values(parameter, parameter.default, units, sink)) is not None
    }


def query_values(units: DeclaredUnits, defaults: Values, given: Sequence[GivenValues], sink: Sink) -> Values:
    """Return the values of a query: the defaults, and what it gives itself."""
    project, parameters = units.project, units.project.parameters
    values = dict(defaults)
    first: dict[str, GivenValues] = {}
    for part in given:
        parameter = parameters.get(part.name)
        if parameter is None:
            if ("parameters", part.name) not in project.rejected:
                sink.report(parameter_errors.unknown(part.span, part.name, tuple(parameters)))
        elif part.name in first:
            shown = [", ".join(text.text for text in p.texts) for p in (first[part.name], part)]
            sink.report(parameter_errors.twice(part.span, part.name, shown))
        else:
            first[part.name] = part
            found = _values(parameter, part, units, sink)
            if found is not None:
                values[part.name] = found
    return values


def _values(
    parameter: Parameter, given: GivenValues, units: DeclaredUnits, sink: Sink
) -> tuple[Constant, ...] | None:
    if parameter.type is UNKNOWN:
        return None
    pieces = given.texts
    if parameter.is_list and not given.is_listed:
        pieces = tuple(piece for text in given.texts for piece in _pieces(text))
    if not pieces or not all(piece.text.strip() for piece in pieces):
        sink.report(
            parameter_errors.empty(given.span, parameter.name, parameter.type, listed=parameter.is_list)
        )
        return None
    if len(pieces) > 1 and not parameter.is_list:
        sink.report(parameter_errors.one_value(given.span, parameter.name, len(pieces)))
        return None
    found = [_value(parameter, piece, units.parameter(parameter), sink) for piece in pieces]
    return None if None in found else tuple(value for value in found if value is not None)


def _pieces(text: SourceText) -> Iterator[SourceText]:
    """Yield what stands between commas; a comma inside quotes is part of its text."""
    start = at = 0
    whole = text.text
    while at < len(whole):
        match = _PIECE.match(whole, at)
        if match is None and whole[at] == ",":
            yield Excerpt(text, start, at)
            start = at + 1
        at = at + 1 if match is None else match.end()
    yield Excerpt(text, start)


def _value(parameter: Parameter, source: SourceText, unit: UnitFact | None, sink: Sink) -> Constant | None:
    text = source.text.strip()
    found: Constant | None = None
    reason = ""
    match parameter.type.kind:
        case Kind.TEXT:
            words = _text(text)
            found = None if words is None else Constant(words, TEXT)
        case Kind.TIMESTAMP:
            moment = _moment(text)
            found = None if moment is None else Constant(moment, TIMESTAMP)
        case Kind.DURATION:
            found = _duration(source)
        case _:
            value, reason = _literal(source, parameter.type, unit)
            found = None if value is None else Constant(value, parameter.type, unit)
    if found is not None:
        return replace(found, parameter=parameter.name)
    start = len(source.text) - len(source.text.lstrip())
    span = Span(source, start, start + len(text))
    listed = parameter.is_list
    sink.report(parameter_errors.value(span, parameter.name, text, parameter.type, reason, listed=listed))
    return None


def _duration(source: SourceText) -> Constant | None:
    """Return a quantity of time as it was written: `3 days` are days, not seconds."""
    expr = _parsed(source.text)
    found = quantity(expr, Sink()) if isinstance(expr, tree.Quantity) else None
    if found is None or found.unit is None or found.unit.unit is None or not found.unit.unit.is_time:
        return None
    if found.unit.unit.is_convertible(_SECOND) and in_seconds(found) is None:
        return None
    return found


def in_seconds(duration: Constant) -> Constant | None:
    """Return a duration as seconds, or None where it is months or has no whole microseconds."""
    fact = duration.unit
    if fact is None or fact.unit is None or not fact.unit.is_convertible(_SECOND):
        return None
    assert isinstance(duration.value, int | Decimal | float)
    seconds = Fraction(duration.value) * fact.unit.factor(_SECOND)
    microseconds = seconds * 1_000_000
    if microseconds.denominator != 1 or abs(microseconds.numerator) >= 10**SECONDS.precision:
        return None
    value = _EXACT.scaleb(Decimal(microseconds.numerator), -6)
    return replace(duration, value=value, type=SECONDS, unit=replace(fact, unit=_SECOND))


def _text(text: str) -> str | None:
    """Return a text: what quotes hold, or where there is none, the words as they stand."""
    if not text.startswith("'"):
        return None if "'" in text or _parsed(quote(text)) is None else text
    found = _parsed(text) if _LITERAL.fullmatch(text) else None
    return found.value if isinstance(found, tree.Text) else None


def _moment(text: str) -> datetime | None:
    inner = text[1:-1] if _LITERAL.fullmatch(text) else text
    try:
        moment = datetime.fromisoformat(inner)
    except ValueError:
        return None
    return moment if moment.tzinfo is None and "T24" not in inner else None


def _literal(source: SourceText, due: Type, unit: UnitFact | None) -> tuple[ConstantValue, str]:
    """Return a literal's value in the type and unit that are due, or None with the reason."""
    expr = _parsed(source.text)
    negative = isinstance(expr, tree.Negative)
    if isinstance(expr, tree.Negative):
        expr = expr.operand
    match expr:
        case tree.Number() if due.is_numeric:
            number = literal(expr).value
            assert isinstance(number, int | Decimal | float)
            signed = _EXACT.minus(number) if isinstance(number, Decimal) else -number
            return _number(signed if negative else number, due)
        case tree.Quantity() if due.is_numeric and unit is not None and unit.unit is not None:
            found = quantity(expr, Sink())
            if found.unit is None or found.unit.unit is None or not found.unit.unit.is_convertible(unit.unit):
                return None, f" in {unit.unit}"
            moved = convert(found, found.unit.unit.factor(unit.unit) * (-1 if negative else 1))
            if not isinstance(moved, Constant) or not isinstance(moved.value, int | Decimal | float):
                return None, f" in {unit.unit}, and this has no exact value there"
            return _number(moved.value, due)
        case tree.Boolean(value=truth) if due.kind is Kind.BOOLEAN and not negative:
            return truth, ""
        case tree.Date(value=day) if due.kind is Kind.DATE and not negative:
            return day, ""
        case _:
            return None, ""


def _number(number: int | Decimal | float, due: Type) -> tuple[ConstantValue, str]:
    if due.kind is Kind.FLOAT:
        return float(number), ""
    if isinstance(number, float):
        return None, "; a number with an exponent is a float"
    if due.kind is Kind.INTEGER:
        fits = isinstance(number, int) and -(2**63) <= number < 2**63
        return (number if fits else None), ""
    exact = Decimal(number)
    scaled = exact.quantize(Decimal(1).scaleb(-due.scale), context=_EXACT)
    if scaled != exact:
        return None, f": {due.scale} digits after the point"
    if len(scaled.as_tuple().digits) > due.precision and scaled:
        return None, f": {due.precision - due.scale} digits before the point"
    return scaled, ""


def _parsed(text: str) -> tree.Expr | None:
    return parse_formula(SourceFile("value", text), Sink())
