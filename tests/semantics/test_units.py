"""The algebra of units: its laws, how units are written, and what is wrong with a spelling."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidsl.semantics.unit_text import Mistake, parse_unit
from kpidsl.semantics.units import FRACTION, Unit, named, settled, spelled

WORDS = [
    "EUR",
    "USD",
    "order",
    "click",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "GB",
    "kWh",
]


@st.composite
def units(draw: st.DrawFn) -> Unit:
    found = FRACTION
    for word in draw(st.lists(st.sampled_from(WORDS), max_size=4)):
        found = found * named(word) if draw(st.booleans()) else found / named(word)
    return found


@given(units(), units(), units())
def test_products_are_associative_and_commutative(a: Unit, b: Unit, c: Unit) -> None:
    assert (a * b) * c == a * (b * c)
    assert a * b == b * a


@given(units(), units())
def test_a_fraction_is_the_identity_and_quotients_undo_products(a: Unit, b: Unit) -> None:
    assert a * FRACTION == a == a / FRACTION
    assert a / a == FRACTION
    assert (a * b) / b == a
    assert a / b == FRACTION / (b / a)


@given(units(), st.integers(-3, 3), st.integers(-3, 3))
def test_powers_add_up(a: Unit, m: int, n: int) -> None:
    assert a**m * a**n == a ** (m + n)
    assert a**1 == a
    assert a**0 == FRACTION


@given(units(), units(), units())
def test_conversion_is_an_equivalence_and_its_factors_multiply(a: Unit, b: Unit, c: Unit) -> None:
    assert a.is_convertible(a)
    assert a.is_convertible(b) == b.is_convertible(a)
    assert a.factor(a) == 1
    if a.is_convertible(b):
        assert a.factor(b) * b.factor(a) == 1
        assert (a * c).factor(b * c) == a.factor(b)
    if a.is_convertible(b) and b.is_convertible(c):
        assert a.is_convertible(c)
        assert a.factor(c) == a.factor(b) * b.factor(c)


@given(units())
def test_what_is_printed_is_read_again(a: Unit) -> None:
    settled_unit, factor = settled(a)
    assert settled_unit.is_convertible(a)
    assert a.factor(settled_unit) == factor
    assert spelled(settled_unit) is not None
    assert parse_unit(str(settled_unit)) == settled_unit


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("EUR", "EUR"),
        ("EUR/order", "EUR/order"),
        ("click/impression", "click/impression"),
        ("percent", "percent"),
        ("pp", "pp"),
        ("GB*hour", "GB*hour"),
        ("hour*GB", "GB*hour"),
        ("1/day", "1/day"),
        ("EUR / customer / year", "EUR/customer/year"),
        ("EUR^2", "EUR^2"),
        ("EUR*EUR", "EUR^2"),
        ("order*EUR/order", "EUR"),
        ("session/session", "percent"),
        ("address", "address"),
        ("status_change", "status_change"),
    ],
)
def test_a_unit_is_read_and_shown(written: str, shown: str) -> None:
    assert str(parse_unit(written)) == shown


@pytest.mark.parametrize(
    ("written", "fault", "place", "help"),
    [
        ("eur", "unknown", "eur", "write `EUR`"),
        ("EUR/Order", "unknown", "Order", "counted nouns are in small letters: `order`"),
        ("orders", "plural", "orders", "order"),
        ("EUR/orders", "plural", "orders", "order"),
        ("EUR/city*boxes", "plural", "boxes", "box"),
        ("companies", "plural", "companies", "company"),
        ("hours", "plural", "hours", "hour"),
        ("euro", "unknown", "euro", "write `EUR`"),
        ("€/order", "unknown", "€", "write `EUR`"),
        ("%", "unknown", "%", "write `percent`"),
        ("min", "unknown", "min", "write `minute`"),
        ("EUR/hrs", "unknown", "hrs", "write `hour`"),
        ("minut", "unknown", "minut", "did you mean `minute`?"),
        ("wek", "unknown", "wek", "did you mean `week`?"),
        ("horu", "unknown", "horu", "did you mean `hour`?"),
        ("gb", "unknown", "gb", "write `GB`"),
        ("EUT", "unknown", "EUT", "did you mean `EUR` or `ETB`?"),
        ("EUR//order", "syntax", "/", "write words joined by `*` and `/`, such as `EUR/order`"),
        ("EUR/", "syntax", "/", "write `EUR` or `EUR/order`"),
        ("EUR order", "syntax", "order", "write `EUR*order`"),
        ("EUR/(order*day)", "syntax", "(", "write `EUR/order/day` for `EUR/(order*day)`"),
        ("1", "syntax", "1", "write words joined by `*` and `/`, such as `EUR/order`"),
        ("100*EUR", "syntax", "100", "write words joined by `*` and `/`, such as `EUR/order`"),
        ("EUR^0", "syntax", "EUR^0", "powers are whole numbers from 2 to 9: `EUR^2`"),
        ("hour/second", "syntax", "hour/second", "write `percent`"),
        ("order-line", "syntax", "-", "write `EUR/order`"),
    ],
)
def test_a_mistake_in_a_unit_is_shown_at_its_place(written: str, fault: str, place: str, help: str) -> None:
    found = parse_unit(written)
    assert isinstance(found, Mistake)
    assert (found.fault, written[found.start : found.end]) == (fault, place)
    if not help.startswith("did you mean `EUR`"):
        assert found.help == help


def test_what_cancels_goes_into_the_value() -> None:
    assert settled(named("EUR") / named("hour") * named("second")) == (named("EUR"), Fraction(1, 3600))
    assert settled(named("EUR") / named("hour")) == (named("EUR") / named("hour"), 1)
    assert settled(named("year") / named("month")) == (FRACTION, 12)
    assert not named("month").is_convertible(named("day"))
