"""Numbers, dates and other values as people read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

from kpidsl.engines.columns import ResultColumn
from kpidsl.model.number_formats import NumberFormat, parse_format
from kpidsl.model.types import Kind
from kpidsl.report.text import shown_text
from kpidsl.report.units import unit_in
from kpidsl.semantics.units import CONVERTIBLE, CURRENCIES

Locale = Literal["en", "fr"]

NOTHING = "–"
MOST_DECIMALS = 6
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
_BOOLEANS: dict[Locale, tuple[str, str]] = {"en": ("false", "true"), "fr": ("faux", "vrai")}
_MARKS: dict[Locale, tuple[str, str]] = {"en": (",", "."), "fr": (NARROW_SPACE, ",")}
_PLAIN_FROM, _PLAIN_BELOW = 1e-9, 1e15
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)


def column_format(column: ResultColumn, values: list[object], pattern: str | None) -> NumberFormat:
    """Return how a column's numbers are written: as its pattern says, else by its unit and type.

    Decimals show every digit that they have. Floats show as many decimals as the column needs, at
    most six, and fewer (but two) where its largest number has more than a digit before the point.
    Amounts of money (`EUR`, `EUR/order`) of one or more show two.
    """
    asked = parse_format(pattern) if pattern else None
    if asked is not None:
        is_points = asked.percent and column.unit == "pp"
        return replace(
            asked,
            percent=asked.percent and not is_points,
            points=is_points,
            prefix=shown_text(asked.prefix),
            suffix=shown_text(asked.suffix),
        )
    if column.unit in ("percent", "pp"):
        return NumberFormat(1, 1, percent=column.unit == "percent", points=column.unit == "pp")
    match column.type.kind:
        case Kind.DECIMAL if column.type.scale <= 4:
            return NumberFormat(column.type.scale, column.type.scale)
        case Kind.DECIMAL:
            return NumberFormat(0, column.type.scale)
        case Kind.FLOAT:
            floats = [value for value in values if isinstance(value, float)]
            plain = [abs(value) for value in floats if _PLAIN_FROM <= abs(value) < _PLAIN_BELOW]
            whole = len(str(int(max(plain, default=0))))
            is_money = column.unit is not None and column.unit.partition("/")[0] in CURRENCIES
            most = 2 if is_money and max(plain, default=0) >= 1 else max(MOST_DECIMALS + 1 - whole, 2)
            needed = max((_decimals_of(value, most) for value in plain), default=0)
            return NumberFormat(needed, most, keeps_small=True)
        case _:
            return NumberFormat(0, 0)


def shown_unit(column: ResultColumn, format_: NumberFormat, locale: Locale) -> str:
    """Return the unit that is told beside a column's name, "" where its numbers are written as percent."""
    # A fraction of 7.5 below the head `percent` would be read as 7.5 %.
    is_fraction = column.unit in ("percent", "pp") or format_.percent or format_.points
    return "" if is_fraction or column.unit is None else shown_text(unit_in(column.unit, locale))


def amount_unit(column: ResultColumn, format_: NumberFormat) -> str:
    """Return the unit that stands behind each amount where no head tells it: money, times, sizes.

    It is as definitions write it, in no language. What is counted is told by the name beside it, and a
    format may have a sign of its own.
    """
    unit = shown_unit(column, format_, "en")
    word = unit.partition("/")[0]
    has_sign = bool(format_.prefix or format_.suffix)
    return unit if not has_sign and (word in CURRENCIES or word in CONVERTIBLE) else ""


def _decimals_of(value: float, most: int) -> int:
    rounded = _EXACT.quantize(Decimal(repr(value)), Decimal((0, (1,), -most))).normalize(_EXACT)
    exponent = rounded.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) and rounded else 0


def format_value(value: object, format_: NumberFormat, locale: Locale) -> str:
    """Return a value as text without control characters; null is `–`."""
    match value:
        case None:
            return NOTHING
        case bool():
            return _BOOLEANS[locale][value]
        case int():
            return _number(Decimal(value), format_, locale)
        case Decimal():
            return _number(value, format_, locale)
        case float():
            return _float(value, format_, locale)
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return shown_text(str(value))


def _float(value: float, format_: NumberFormat, locale: Locale) -> str:
    if value != value:
        return "NaN"
    if abs(value) == float("inf"):
        return "∞" if value > 0 else "-∞"
    if value and not _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        return f"{value:.6g}".replace(".", _MARKS[locale][1])
    exact = Decimal(repr(value))
    if value and format_.keeps_small and abs(value) < 0.5 * 10**-format_.most:
        format_ = replace(format_, decimals=0, most=2 - exact.adjusted())
    return _number(exact, format_, locale)


def as_shown(value: Decimal, format_: NumberFormat) -> Decimal:
    """Return the number that a format shows in place of a value."""
    shown = _rounded(value, format_)
    return shown.scaleb(-2, _EXACT) if format_.percent or format_.points else shown


def exact_digits(value: object) -> Decimal | None:
    """Return the number that a value's digits say; None of what is none or is written in powers of ten."""
    match value:
        case bool():
            return None
        case int():
            return Decimal(value)
        case Decimal():
            return value if value.is_finite() else None
        case float() if not value or _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
            return Decimal(repr(value))
        case _:
            return None


def _rounded(value: Decimal, format_: NumberFormat) -> Decimal:
    scaled = value.scaleb(2, _EXACT) if format_.percent or format_.points else value
    return scaled.quantize(Decimal((0, (1,), -format_.most)), context=_EXACT)


def _number(value: Decimal, format_: NumberFormat, locale: Locale) -> str:
    """Return a number rounded half away from zero to the format's decimals, with the locale's marks."""
    thousands, point = _MARKS[locale]
    rounded = _rounded(value, format_)
    # Not abs(): that rounds to the digits of the thread's decimal context.
    whole, _, fraction = f"{rounded.copy_abs():f}".partition(".")
    while len(fraction) > format_.decimals and fraction.endswith("0"):
        fraction = fraction[:-1]
    if format_.grouped:
        whole = f"{int(whole):,}".replace(",", thousands)
    sign = "-" if rounded < 0 else ""
    digits = f"{whole}{point}{fraction}" if fraction else whole
    percent = ("%" if locale == "en" else NARROW_SPACE + "%") if format_.percent else ""
    points = ("" if locale == "en" else NARROW_SPACE) + "pp" if format_.points else ""
    return f"{sign}{format_.prefix}{digits}{percent}{points}{format_.suffix}"
