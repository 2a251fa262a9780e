"""The values of parameters, read from what somebody wrote and typed.

A value is one literal of the language, or several with commas between; a text may stand without its
quotes. It is read by the formula's parser and becomes a constant: nothing in it can be more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal

from kpidsl.diagnostics import Sink
from kpidsl.model.definitions import GivenValues, Parameter, Project
from kpidsl.model.types import TIMESTAMP, UNKNOWN, Kind, Type
from kpidsl.semantics import errors, parameter_errors
from kpidsl.semantics.bound import Constant, ConstantValue
from kpidsl.semantics.scalars import literal
from kpidsl.source import Excerpt, SourceFile, SourceText, Span
from kpidsl.syntax import parse_formula, tree
from kpidsl.syntax.printer import quote

Values = Mapping[str, tuple[Constant, ...]]

_PIECE = re.compile(r"'(?:[^']|'')*'|[^',]")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_EXACT = Context(prec=200)


def default_values(parameters: Mapping[str, Parameter], sink: Sink) -> Values:
    """Return the defaults of parameters; those that do not fit their types are reported."""
    return {
        name: values
        for name, parameter in parameters.items()
        if parameter.default is not None
        and (values := _values(parameter, parameter.default, sink)) is not None
    }


def query_values(project: Project, defaults: Values, given: Sequence[GivenValues], sink: Sink) -> Values:
    """Return the values of a query: the defaults, and what it gives itself."""
    parameters = project.parameters
    values = dict(defaults)
    first: dict[str, GivenValues] = {}
    for part in given:
        parameter = parameters.get(part.name)
        if parameter is None:
            if ("parameters", part.name) not in project.rejected:
                sink.report(errors.unknown(part.span, "parameter", part.name, parameters))
        elif part.name in first:
            shown = [", ".join(text.text for text in p.texts) for p in (first[part.name], part)]
            sink.report(parameter_errors.twice(part.span, part.name, shown))
        else:
            first[part.name] = part
            found = _values(parameter, part, sink)
            if found is not None:
                values[part.name] = found
    return values


def _values(parameter: Parameter, given: GivenValues, sink: Sink) -> tuple[Constant, ...] | None:
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
    found = [_value(parameter, piece, sink) for piece in pieces]
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


def _value(parameter: Parameter, source: SourceText, sink: Sink) -> Constant | None:
    text = source.text.strip()
    found: ConstantValue
    reason = ""
    if parameter.type.kind is Kind.TEXT:
        found = _text(text)
    elif parameter.type.kind is Kind.TIMESTAMP:
        found = _moment(text)
    else:
        found, reason = _literal(source, parameter.type)
    if found is None:
        name, listed = parameter.name, parameter.is_list
        start = len(source.text) - len(source.text.lstrip())
        span = Span(source, start, start + len(text))
        sink.report(parameter_errors.value(span, name, text, parameter.type, reason, listed=listed))
        return None
    due = TIMESTAMP if parameter.type.kind is Kind.TIMESTAMP else parameter.type
    return Constant(found, due, parameter=parameter.name)


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


def _literal(source: SourceText, due: Type) -> tuple[ConstantValue, str]:
    """Return a literal's value in the type that is due, or None with the reason."""
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
