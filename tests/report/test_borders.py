"""Rounding takes no number to the other side of what it is judged by."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kpidsl.model.number_formats import NumberFormat
from kpidsl.report.borders import Border, apart
from kpidsl.report.numbers import format_value
from kpidsl.report.objectives import Standing, render_objectives

WHOLE, TENTHS = NumberFormat(0, 0, percent=True), NumberFormat(1, 1, percent=True)
CENTS = NumberFormat(2, 2)


def told(number: object, border: Border, format_: NumberFormat) -> tuple[str, str]:
    of_number, of_border = apart(number, [border], format_)
    return format_value(number, of_number, "en"), format_value(border.number, of_border, "en")


@pytest.mark.parametrize(
    ("number", "border", "format_", "expected"),
    [
        (0.94996, Border(0.95, is_shown=True), TENTHS, ("94.996%", "95.0%")),
        (0.95004, Border(0.95, is_shown=True), TENTHS, ("95.0%", "95.0%")),
        (0.95, Border(0.95, is_shown=True), TENTHS, ("95.0%", "95.0%")),
        (0.95004, Border(0.95, is_passed=True, is_shown=True), TENTHS, ("95.004%", "95.0%")),
        (0.95, Border(0.95, is_passed=True, is_shown=True), TENTHS, ("95.0%", "95.0%")),
        (0.05004, Border(0.05, falls=True, is_shown=True), TENTHS, ("5.004%", "5.0%")),
        (0.04996, Border(0.05, falls=True, is_shown=True), TENTHS, ("5.0%", "5.0%")),
        (0.04996, Border(0.05, falls=True, is_passed=True, is_shown=True), TENTHS, ("4.996%", "5.0%")),
        # Both are between two numbers that are shown.
        (Decimal("12.3441"), Border(Decimal("12.3449"), is_shown=True), CENTS, ("12.344", "12.345")),
        (3, Border(Decimal("3.004"), is_shown=True), CENTS, ("3.00", "3.004")),
        # Doubles within a billionth are one number.
        (0.95 * (1 - 1e-10), Border(0.95, is_shown=True), TENTHS, ("95.0%", "95.0%")),
        (0.95 * (1 - 1e-8), Border(0.95, is_shown=True), TENTHS, ("94.999999%", "95.0%")),
        (Decimal("9.499999999999"), Border(Decimal("9.5"), is_shown=True), CENTS, ("9.499999999999", "9.50")),
        # A border that is read nowhere is where it is, not where it would be rounded.
        (0.896, Border(Decimal("0.899")), WHOLE, ("89.6%", "89.9%")),
        (0.923, Border(Decimal("0.9225")), WHOLE, ("92.3%", "92.3%")),
        (0.94, Border(Decimal("0.9225")), WHOLE, ("94%", "92%")),
        (None, Border(0.95), TENTHS, ("–", "95.0%")),
        (0.95, Border(None), TENTHS, ("95.0%", "–")),
        (float("inf"), Border(0.95), TENTHS, ("∞", "95.0%")),
    ],
)
def test_a_number_has_the_decimals_that_show_whether_its_border_is_reached(
    number: object, border: Border, format_: NumberFormat, expected: tuple[str, str]
) -> None:
    assert told(number, border, format_) == expected


def standing(attainment: float, status: str, *, counted: float | None = None) -> Standing:
    limits = (Decimal("1.00"), Decimal("0.90"))
    return Standing(
        "Care",
        "",
        "",
        "",
        "",
        attainment,
        (),
        status,
        counted=counted,
        limits=limits,
        limits_of_counted=limits,
    )


@pytest.mark.parametrize(
    ("attainment", "status", "bar", "expected"),
    [
        (0.89955, "off_track", "█████████·", "89.96%"),
        (0.8951, "off_track", "█████████·", "89.5%"),
        (0.9004, "at_risk", "█████████·", "90%"),
        (0.996, "at_risk", "█████████▉", "99.6%"),
        (0.99999, "missed", "█████████▉", "99.999%"),
        (1.0, "met", "██████████", "100%"),
        (1.004, "on_track", "██████████", "100%"),
    ],
)
def test_attainments_do_not_reach_a_limit_by_being_rounded(
    attainment: float, status: str, bar: str, expected: str
) -> None:
    shown = render_objectives([standing(attainment, status)], width=100, color=False)
    assert shown.splitlines()[-1].split()[1:3] == [bar, expected]


def test_what_counts_in_the_place_of_an_attainment_does_neither() -> None:
    shown = render_objectives([standing(0.4, "at_risk", counted=0.99961)], width=100, color=False)
    assert "99.96%" in shown
    shown = render_objectives(
        [standing(0.4, "at_risk", counted=0.99961)], width=100, color=False, locale="fr"
    )
    assert "99,96\N{NARROW NO-BREAK SPACE}%" in shown
