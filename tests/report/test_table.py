"""Tables for the terminal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from rich.cells import cell_len

from kpidsl.engines import ResultColumn
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, decimal
from kpidsl.report import Result, render_table
from tests.report.results import HOSTILE, HOSTILE_SHOWN, result

SALES = result(
    [
        ResultColumn("month", DATE),
        ResultColumn("channel", TEXT),
        ResultColumn("revenue", decimal(38, 2), "EUR"),
        ResultColumn("orders", INTEGER),
        ResultColumn("conversion_rate", FLOAT, "percent"),
    ],
    (date(2026, 1, 1), "online", Decimal("1234567.80"), 1200, 0.031),
    (date(2026, 1, 1), "shops in the north of the country", Decimal("-5.00"), 7, None),
    (date(2026, 2, 1), None, None, 0, 0.5),
)


LONG = result(
    [
        ResultColumn("month", DATE),
        ResultColumn("channel", TEXT),
        ResultColumn("revenue_per_session", FLOAT, "EUR/session"),
        ResultColumn("gross_margin_rate", FLOAT, "percent"),
    ],
    (date(2026, 1, 1), "organic search", 17.48, 0.5),
)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        # Titles are broken into no more lines than need be, units too.
        (
            59,
            [
                "                               revenue_",
                "                            per_session       gross_",
                "month       channel         EUR/session  margin_rate",
                "────────────────────────────────────────────────────",
                "2026-01-01  organic search        17.48        50.0%",
            ],
        ),
        (
            46,
            [
                "                            revenue_",
                "                                per_",
                "                             session   gross_",
                "                                EUR/  margin_",
                "month       channel          session     rate",
                "─────────────────────────────────────────────",
                "2026-01-01  organic search     17.48    50.0%",
            ],
        ),
    ],
)
def test_titles_are_broken_where_there_is_no_room(width: int, expected: list[str]) -> None:
    assert render_table(LONG, width=width, color=False).splitlines() == expected


def test_a_table() -> None:
    assert render_table(SALES, width=100, color=False).splitlines() == [
        "                                                    revenue",
        "month       channel                                     EUR  orders  conversion_rate",
        "────────────────────────────────────────────────────────────────────────────────────",
        "2026-01-01  online                             1,234,567.80   1,200             3.1%",
        "2026-01-01  shops in the north of the country         -5.00       7                –",
        "2026-02-01  –                                             –       0            50.0%",
    ]


def test_a_french_table_with_a_format() -> None:
    shown = render_table(
        SALES, width=100, color=False, locale="fr", formats={"revenue": "#,##0 €", "orders": None}
    )
    assert "1\u202f234\u202f568 €" in shown
    assert "50,0\u202f%" in shown


def test_a_fraction_that_its_format_shows_as_a_number_is_not_headed_percent() -> None:
    roas = result([ResultColumn("roas", FLOAT, "percent")], (7.5,))
    assert render_table(roas, width=60, color=False, formats={"roas": "0.00"}).split() == [
        "roas",
        "────",
        "7.50",
    ]


def test_a_narrower_table_breaks_names_and_wraps_text() -> None:
    assert render_table(SALES, width=55, color=False).splitlines()[:6] == [
        "                           revenue          conversion_",
        "month       channel            EUR  orders         rate",
        "───────────────────────────────────────────────────────",
        "2026-01-01  online    1,234,567.80   1,200         3.1%",
        "2026-01-01  shops in         -5.00       7            –",
        "            the",
    ]


def test_a_table_too_narrow_for_its_numbers_becomes_blocks() -> None:
    assert render_table(SALES, width=40, color=False).splitlines()[:11] == [
        "month            2026-01-01",
        "channel          online",
        "revenue          1,234,567.80 EUR",
        "orders           1,200",
        "conversion_rate  3.1%",
        "",
        "month            2026-01-01",
        "channel          shops in the north of",
        "                 the country",
        "revenue          -5.00 EUR",
        "orders           7",
    ]


@pytest.mark.parametrize("width", [30, 40, 50, 60, 70, 80, 100, 200])
def test_no_line_is_too_wide_and_no_number_is_cut(width: int) -> None:
    lines = render_table(SALES, width=width, color=False).splitlines()
    assert max(map(cell_len, lines)) <= width
    for number in ("2026-01-01", "1,234,567.80", "-5.00", "1,200", "3.1%", "50.0%"):
        assert any(number in line for line in lines)


@pytest.mark.parametrize("width", [40, 100])
def test_hostile_text_is_shown_escaped(width: int) -> None:
    hostile = result([ResultColumn(HOSTILE, TEXT, HOSTILE), ResultColumn("n", INTEGER)], (HOSTILE, 1))
    shown = render_table(hostile, width=width, color=False)
    assert shown.replace("\n", "").isprintable()
    assert "".join(HOSTILE_SHOWN.split()) in "".join(shown.split())


def test_colour_is_asked_for() -> None:
    assert "\x1b" not in render_table(SALES, width=80, color=False)
    assert "\x1b[1m" in render_table(SALES, width=80, color=True)


def test_wide_letters_and_long_text() -> None:
    wide = result(
        [ResultColumn("name", TEXT), ResultColumn("paid", BOOLEAN)], ("日本語" * 20, True), ("x" * 900, False)
    )
    lines = render_table(wide, width=40, color=False).splitlines()
    assert max(map(cell_len, lines)) <= 40
    assert sum(line.count("x") for line in lines) == 199
    assert sum(line.count("日") for line in lines) == 20
    assert "true" in lines[2]


def test_columns_are_as_wide_as_their_titles_and_their_widest_cells() -> None:
    columns = [
        ResultColumn("is_of_a_customer", BOOLEAN),
        ResultColumn("name", TEXT),
        ResultColumn("revenue", INTEGER, "EUR"),
    ]
    mixed = result(columns, (True, "日本語", 1_000_000), (False, "e\u0301te\u0301", 5), (None, "a b", None))
    assert render_table(mixed, width=35, color=False).splitlines() == [
        "                            revenue",
        "is_of_a_customer  name          EUR",
        "───────────────────────────────────",
        "true              日本語  1,000,000",
        "false             e\u0301te\u0301             5",
        "–                 a b             –",
    ]


def test_rows_are_alike_whether_or_not_another_one_wraps() -> None:
    """Rich lays a table out in which text wraps, of others its head alone."""
    columns = [ResultColumn("channel", TEXT), ResultColumn("revenue", INTEGER, "EUR")]
    rows = [(f"c{'é' * (number % 9)}", number * 999) for number in range(40)]
    whole = render_table(result(columns, *rows, ("x" * 16, 0)), width=25, color=False).splitlines()
    wrapped = render_table(result(columns, *rows, ("x" * 17, 0)), width=25, color=False).splitlines()
    assert wrapped[: len(rows) + 3] == whole[: len(rows) + 3]
    assert (len(whole), len(wrapped)) == (len(rows) + 4, len(rows) + 5)


def test_no_rows_and_no_columns() -> None:
    assert render_table(result(SALES.columns), width=100, color=False).splitlines()[1].split() == [
        "month", "channel", "EUR", "orders", "conversion_rate",
    ]  # fmt: skip
    assert render_table(result(SALES.columns), width=30, color=False).splitlines()[0] == "month"
    empty = Result((), SALES.table.select([]))
    assert render_table(empty, width=80, color=False) == ""


def test_columns_are_headed_by_labels_where_there_are_some() -> None:
    shown = render_table(SALES, width=100, color=False, labels={"revenue": "Chiffre d'affaires"})
    assert "Chiffre d'affaires" in shown.splitlines()[0]
    assert "month" in shown.splitlines()[0] + shown.splitlines()[1]
