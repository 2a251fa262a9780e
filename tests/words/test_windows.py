"""Windows in words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kpidsl
from kpidsl.words.english import ENGLISH
from kpidsl.words.french import FRENCH
from kpidsl.words.phrases import Speaker
from tests import answers
from tests.semantics.shop import bound, shop

FORMULAS = [
    (
        "prior(paid, 1 year)",
        "`paid`, in the window 1 year earlier",
        "`paid`, dans la fenêtre située 1 an plus tôt",
    ),
    (
        "prior(paid, 1 year comparable)",
        "`paid`, on the comparable days of the year before",
        "`paid`, aux jours comparables de l’année précédente",
    ),
    (
        "growth(paid, 1 year comparable)",
        "the growth of `paid` against the comparable days of the year before, as a fraction (null where the base is null, zero or negative)",
        "la croissance de `paid` par rapport aux jours comparables de l’année précédente, en fraction (vide si la base est vide, nulle ou négative)",
    ),
    (
        "change(paid, 1 year comparable)",
        "the change of `paid` against the comparable days of the year before",
        "l’évolution de `paid` par rapport aux jours comparables de l’année précédente",
    ),
    (
        "prior(paid, 3 months)",
        "`paid`, in the window 3 months earlier",
        "`paid`, dans la fenêtre située 3 mois plus tôt",
    ),
    (
        "prior(paid, 1 period)",
        "`paid`, in the window 1 period earlier",
        "`paid`, dans la fenêtre située 1 période plus tôt",
    ),
    (
        "prior(revenue / paid, 52 weeks)",
        "(Revenue (`revenue`) / `paid`), in the window 52 weeks earlier",
        "(«~Chiffre d’affaires~» (`revenue`) / `paid`), dans la fenêtre située 52 semaines plus tôt",
    ),
    (
        "change(paid, 1 month)",
        "the change of `paid` against 1 month earlier",
        "l’évolution de `paid` par rapport à 1 mois plus tôt",
    ),
    (
        "growth(revenue, 1 year)",
        "the growth of Revenue (`revenue`) against 1 year earlier, as a fraction (null where the base is null, zero or negative)",
        "la croissance de «~Chiffre d’affaires~» (`revenue`) par rapport à 1 an plus tôt, en fraction (vide si la base est vide, nulle ou négative)",
    ),
    (
        "growth(rolling(paid, 28 days), 1 year)",
        "the growth of (`paid`, over 28 days up to the window's end) against 1 year earlier, as a fraction (null where the base is null, zero or negative)",
        "la croissance de (`paid`, sur une durée de 28 jours jusqu’à la fin de la fenêtre) par rapport à 1 an plus tôt, en fraction (vide si la base est vide, nulle ou négative)",
    ),
    (
        "rolling(paid, 28 days)",
        "`paid`, over 28 days up to the window's end",
        "`paid`, sur une durée de 28 jours jusqu’à la fin de la fenêtre",
    ),
    (
        "rolling(paid, 1 hour)",
        "`paid`, over 1 hour up to the window's end",
        "`paid`, sur une durée de 1 heure jusqu’à la fin de la fenêtre",
    ),
    (
        "to_date(paid, year)",
        "`paid`, from the start of the year to the window's end",
        "`paid`, du début de l’intervalle «~année (`year`)~» à la fin de la fenêtre",
    ),
    (
        "to_date(paid, fiscal_quarter)",
        "`paid`, from the start of the fiscal quarter (`fiscal_quarter`) to the window's end",
        "`paid`, du début de l’intervalle «~trimestre de l’exercice (`fiscal_quarter`)~» à la fin de la fenêtre",
    ),
    (
        "cumulative(paid)",
        "`paid`, from the beginning to the window's end",
        "`paid`, du tout début à la fin de la fenêtre",
    ),
    (
        "opening(paid)",
        "`paid`, as it stood when the window began (all of history until then)",
        "`paid`, tel que c’était au début de la fenêtre (depuis le tout début)",
    ),
    (
        "prior(cumulative(paid), 1 month)",
        "(`paid`, from the beginning to the window's end), in the window 1 month earlier",
        "(`paid`, du tout début à la fin de la fenêtre), dans la fenêtre située 1 mois plus tôt",
    ),
    (
        "during(paid, 2025-01-01, 2026-01-01)",
        "`paid`, from 2025-01-01 up to and without 2026-01-01",
        "`paid`, du 2025-01-01 jusqu’au 2026-01-01 exclu",
    ),
    (
        "paid / during(paid, 2025-01-01, 2026-01-01)",
        "`paid` divided by (`paid`, from 2025-01-01 up to and without 2026-01-01)",
        "le rapport entre `paid` et (`paid`, du 2025-01-01 jusqu’au 2026-01-01 exclu)",
    ),
    (
        "period_end - period_start",
        "the days from the start of the window to the end of the window",
        "les jours du début de la fenêtre à la fin de la fenêtre",
    ),
    (
        "as_of",
        "the instant that the query is asked for",
        "l’instant de la requête",
    ),
    (
        "count(orders where ordered_at >= period_start)",
        "the number of rows of `orders` where `ordered_at` is not before the start of the window",
        "le nombre de lignes de `orders` où `ordered_at` n’est pas avant le début de la fenêtre",
    ),
]


@pytest.mark.parametrize(("formula", "english", "french"), FORMULAS)
def test_formulas(formula: str, english: str, french: str) -> None:
    assert Speaker(shop(), ENGLISH).formula(bound(formula)) == english
    assert re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", "~", said(formula)) == french


def said(formula: str) -> str:
    return Speaker(shop(), FRENCH).formula(bound(formula))


DEFINITIONS = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_at
    settles_after: 3 days
    columns: {order_id: integer, ordered_at: timestamp}
  targets:
    table: targets
    key: day
    time: day
    plan: true
    columns: {day: date}
  bookings:
    table: bookings
    key: booking_id
    time: travels_on
    known_at: booked_at
    columns: {booking_id: integer, travels_on: date, booked_at: timestamp}
  members:
    table: members
    key: member_id
    time: [valid_from, valid_to]
    columns: {member_id: integer, valid_from: date, valid_to: date, fee: integer}
  contracts:
    table: contracts
    key: contract_id
    time: [begun_at, ended_at]
    columns: {contract_id: integer, begun_at: timestamp, ended_at: timestamp}
metrics:
  converted: {formula: count(orders), maturity: 7 days}
  active: count(members)
  paying: count(members where fee > 0)
  joined: count(members at valid_from)
  under_contract: count(contracts)
"""


@pytest.mark.parametrize(
    ("name", "english", "french"),
    [
        ("orders", "younger than 3 days are provisional", "de moins de 3 jours sont provisoires"),
        ("targets", "rows may lie ahead: the instant of a query hides none", "peuvent être à venir"),
        ("bookings", "are known from `booked_at` on", "connues à partir de `booked_at`"),
        (
            "members",
            "a row holds from `valid_from` on, until before `valid_to`",
            "une ligne est valable à partir de `valid_from` et avant `valid_to`",
        ),
        (
            "contracts",
            "a row holds from `begun_at` on, until before `ended_at`; days begin at midnight in UTC",
            "valable à partir de `begun_at` et avant `ended_at` ; les jours commencent à minuit",
        ),
        (
            "active",
            "The number of rows of `members` that hold at the window's end.",
            "Le nombre de lignes de `members` valables à la fin de la fenêtre.",
        ),
        ("active", "over time no: a stock", "dans le temps non : un stock"),
        (
            "active",
            "rows of `members` without `valid_from` never hold; those without `valid_to` have no end",
            "les lignes de `members` sans `valid_from` ne sont jamais valables",
        ),
        (
            "active",
            "what holds of `members`, from `valid_from` on and until before `valid_to`, at the end of each day",
            "ce qui est valable de `members`, à partir de `valid_from` et avant `valid_to`, à la fin de chaque",
        ),
        (
            "paying",
            "rows of `members` that hold at the window's end and where `fee` is greater than 0",
            "lignes de `members` valables à la fin de la fenêtre et où `fee` est supérieur à 0",
        ),
        (
            "joined",
            "rows of `members`, placed in time by `valid_from`",
            "lignes de `members`, placées dans le temps par `valid_from`",
        ),
        (
            "under_contract",
            "time, cut in the zone UTC: what holds of `contracts`",
            "le temps, découpé dans le fuseau UTC : ce qui est valable de `contracts`",
        ),
        ("converted", "counts rows: once they are 7 days old", "une fois âgées de 7 jours"),
    ],
)
def test_definitions(tmp_path: Path, name: str, english: str, french: str) -> None:
    answers.write_project(tmp_path, "", DEFINITIONS)
    project = kpidsl.load(tmp_path)
    assert english in project.explain(name, locale="en", width=200)
    told = re.sub(
        "[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", project.explain(name, locale="fr", width=200)
    )
    assert french in told
