"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kpidsl.engines import ResultColumn
from kpidsl.model.number_formats import parse_format
from kpidsl.model.types import BOOLEAN, FLOAT, INTEGER, Type, decimal
from kpidsl.report.numbers import Locale, amount_unit, column_format, format_value


def shown(
    value: object, type_: Type, *, unit: str | None = None, pattern: str | None = None, locale: Locale = "en"
) -> str:
    return format_value(value, column_format(ResultColumn("n", type_, unit), [value], pattern), locale)


@pytest.mark.parametrize(
    ("value", "type_", "english", "french"),
    [
        (1234567, INTEGER, "1,234,567", "1 234 567"),
        (-1000, INTEGER, "-1,000", "-1 000"),
        (-(2**63), INTEGER, "-9,223,372,036,854,775,808", "-9 223 372 036 854 775 808"),
        (Decimal("1234.50"), decimal(38, 2), "1,234.50", "1 234,50"),
        (Decimal("-0.05"), decimal(38, 2), "-0.05", "-0,05"),
        (Decimal("999999999999999999999999999999999999.99"), decimal(38, 2),
         "999,999,999,999,999,999,999,999,999,999,999,999.99",
         "999 999 999 999 999 999 999 999 999 999 999 999,99"),
        (Decimal("1.50000000"), decimal(38, 8), "1.5", "1,5"),
        (Decimal("0.00000001"), decimal(38, 8), "0.00000001", "0,00000001"),
        (1 / 3, FLOAT, "0.333333", "0,333333"),
        (1234.5, FLOAT, "1,234.5", "1 234,5"),
        (2.0, FLOAT, "2", "2"),
        (0.0, FLOAT, "0", "0"),
        (0.1 + 0.2, FLOAT, "0.3", "0,3"),
        (0.0000123456, FLOAT, "0.000012", "0,000012"),
        (0.000000123456, FLOAT, "0.000000123", "0,000000123"),
        (1.5e300, FLOAT, "1.5e+300", "1,5e+300"),
        (float("nan"), FLOAT, "NaN", "NaN"),
        (float("-inf"), FLOAT, "-∞", "-∞"),
        (None, FLOAT, "–", "–"),
    ],
)  # fmt: skip
def test_numbers_without_a_format(value: object, type_: Type, english: str, french: str) -> None:
    assert shown(value, type_) == english
    assert shown(value, type_, locale="fr").replace("\N{NARROW NO-BREAK SPACE}", " ") == french


def test_truths_are_words_of_the_language() -> None:
    assert [shown(value, BOOLEAN) for value in (True, False)] == ["true", "false"]
    assert [shown(value, BOOLEAN, locale="fr") for value in (True, False)] == ["vrai", "faux"]


def test_french_thousands_are_parted_by_narrow_spaces_that_do_not_break() -> None:
    assert shown(1234.5, FLOAT, locale="fr") == "1\u202f234,5"
    assert shown(0.125, FLOAT, unit="percent", locale="fr") == "12,5\u202f%"


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        (1234.5678, "0.00", "1234.57"),
        (1234.5678, "#,##0.00", "1,234.57"),
        (1234.5678, "#,##0", "1,235"),
        (0.12345, "0.0%", "12.3%"),
        (-0.12345, "0%", "-12%"),
        (1.5, "0.0##", "1.5"),
        (1.23456, "0.0##", "1.235"),
        (1234.5, "€ #,##0.00", "€ 1,234.50"),
        (1234.5, "#,##0.00 EUR", "1,234.50 EUR"),
        (0.005, "0.00", "0.01"),
        (-0.004, "0.00", "0.00"),
        (2.675, "0.00", "2.68"),
    ],
)
def test_formats(value: float, pattern: str, expected: str) -> None:
    assert shown(value, FLOAT, pattern=pattern) == expected


@pytest.mark.parametrize("pattern", ["", "abc", "0.0.0", "#,#0", "%0", "0,00"])
def test_what_is_no_format(pattern: str) -> None:
    assert parse_format(pattern) is None


def test_differences_of_fractions_are_points() -> None:
    assert shown(0.005, FLOAT, unit="pp") == "0.5pp"
    assert shown(-0.0312, FLOAT, unit="pp", locale="fr") == "-3,1\u202fpp"
    assert shown(0.0312, FLOAT, unit="pp", pattern="0.00%") == "3.12pp"
    assert shown(0.0312, FLOAT, unit="percent", pattern="0.00%") == "3.12%"


def test_percent_is_a_unit_of_fractions() -> None:
    assert shown(0.0312, FLOAT, unit="percent") == "3.1%"
    assert shown(Decimal("1.5"), decimal(5, 1), unit="percent") == "150.0%"


def test_a_column_of_floats_has_one_number_of_decimals() -> None:
    values: list[object] = [0.5, 12.25, None, 1234.5678]
    format_ = column_format(ResultColumn("n", FLOAT), values, None)
    assert [format_value(value, format_, "en") for value in values] == ["0.500", "12.250", "–", "1,234.568"]


@pytest.mark.parametrize(
    ("values", "unit", "expected"),
    [
        ([8.0, 23 / 3, None], "EUR/order", ["8.00", "7.67", "–"]),
        ([8.0, 0.00123], "EUR", ["8", "0.00123"]),
        ([0.0123, 0.5], "EUR/click", ["0.0123", "0.5000"]),
        ([8.0, 23 / 3], "order", ["8.000000", "7.666667"]),
    ],
    ids=["money", "a small amount keeps its digits", "cents", "no money"],
)
def test_amounts_of_money_show_two_decimals(values: list[object], unit: str, expected: list[str]) -> None:
    format_ = column_format(ResultColumn("n", FLOAT, unit), values, None)
    assert [format_value(value, format_, "en") for value in values] == expected


@pytest.mark.parametrize(
    ("unit", "pattern", "expected"),
    [
        ("EUR", None, "EUR"),
        ("EUR/order", "#,##0.00", "EUR/order"),
        ("EUR", "€#,##0", ""),
        ("EUR", "0.0 k€", ""),
        ("minute", None, "minute"),
        ("GB", None, "GB"),
        ("order", None, ""),
        ("order/session", None, ""),
        ("percent", None, ""),
        ("pp", None, ""),
        (None, None, ""),
    ],
)
def test_amounts_have_their_unit_behind_them_unless_it_is_told(
    unit: str | None, pattern: str | None, expected: str
) -> None:
    column = ResultColumn("n", FLOAT, unit)
    assert amount_unit(column, column_format(column, [1.5], pattern)) == expected
