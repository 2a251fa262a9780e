"""Units in the words of a language."""

from __future__ import annotations

import pytest

from kpidsl.report.units import FRENCH, unit_in
from kpidsl.semantics.units import TIMES
from kpidsl.words.explaining import LANGUAGES
from kpidsl.words.written import amount


@pytest.mark.parametrize(
    ("unit", "french"),
    [
        ("hour", "heure"),
        ("EUR/hour", "EUR/heure"),
        ("order/customer/year", "order/customer/an"),
        ("EUR*day", "EUR*jour"),
        ("MB", "Mo"),
        ("day_pass", "day_pass"),
        ("EUR/second^2", "EUR/seconde^2"),
    ],
)
def test_nouns_of_the_project_stay(unit: str, french: str) -> None:
    assert unit_in(unit, "fr") == french
    assert unit_in(unit, "en") == unit


def test_times_are_called_as_pages_call_them() -> None:
    assert {unit: LANGUAGES["fr"].say(f"one {unit}", "").strip() for unit in TIMES} == {
        unit: FRENCH[unit] for unit in TIMES
    }


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (0, "0 heure", "0 hours"),
        (1.5, "1.5 heure", "1.5 hours"),
        (2, "2 heures", "2 hours"),
        (1, "1 heure", "1 hour"),
    ],
)
def test_below_two_is_singular_in_french(value: float, french: str, english: str) -> None:
    assert amount(str(value), value, "hour", LANGUAGES["fr"]) == french
    assert amount(str(value), value, "hour", LANGUAGES["en"]) == english
    assert amount("8", 8, "EUR/hour", LANGUAGES["fr"]) == "8 EUR/heure"
