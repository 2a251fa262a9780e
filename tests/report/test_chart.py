"""Charts for the terminal."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from rich.cells import cell_len

from kpidsl.engines import ResultColumn
from kpidsl.model.types import DATE, FLOAT, INTEGER, TEXT, decimal
from kpidsl.report import render_chart
from tests.report.results import HOSTILE, result

MARGIN = (ResultColumn("channel", TEXT), ResultColumn("margin", FLOAT, "EUR"))


def test_bars_are_as_long_as_their_numbers() -> None:
    chart = render_chart(
        result(MARGIN, ("a", 8.0), ("b", 4.0), ("c", 1.0), (None, None)), width=20, color=False
    )
    title, *bars = chart.splitlines()
    assert title == "margin (EUR)"
    assert [bar.count("█") for bar in bars] == [16, 8, 2, 0]
    assert [bar.split()[0] for bar in bars] == ["a", "b", "c", "–"]
    assert [bar.split()[-1] for bar in bars] == ["8", "4", "1", "–"]


def test_negative_bars_grow_to_the_left_of_the_same_line() -> None:
    chart = render_chart(result(MARGIN, ("a", 50.0), ("b", -50.0)), width=24, color=False).splitlines()
    zero = chart[1].index("█")
    assert chart[2].rindex("█") == zero - 1
    assert chart[1].count("█") == chart[2].count("█")


def test_columns_over_time() -> None:
    months = (ResultColumn("month", DATE), ResultColumn("revenue", decimal(38, 0)))
    rows = [(date(2026, 1, 1), Decimal(8)), (date(2026, 2, 1), Decimal(4)), (date(2026, 3, 1), None),
            (date(2026, 4, 1), Decimal(1)), (date(2026, 5, 1), Decimal(0))]  # fmt: skip
    chart = render_chart(result(months, *rows), width=32, color=False).splitlines()
    assert chart[0] == "revenue"
    assert chart[1].startswith("8 ")
    assert chart[8].startswith("0 ")
    heights = [sum(len(line) > 2 + 6 * n and line[2 + 6 * n] == "█" for line in chart[1:9]) for n in range(5)]
    assert heights == [8, 4, 0, 1, 0]
    assert chart[8][2 + 6 * 2] == "·"
    assert chart[9].split() == ["2026-01-01", "2026-05-01"]


def test_columns_below_zero() -> None:
    days = (ResultColumn("day", DATE), ResultColumn("delta", INTEGER))
    chart = render_chart(result(days, (date(2026, 1, 1), 4), (date(2026, 1, 2), -4)), width=16, color=False)
    lines = chart.splitlines()[1:9]
    assert ["█" in line[3:9] for line in lines] == [True] * 4 + [False] * 4
    assert ["█" in line[9:] for line in lines] == [False] * 4 + [True] * 4
    assert (lines[0][:2], lines[4][:2], lines[7][:2]) == (" 4", " 0", "-4")


def test_more_buckets_than_room_are_left_out_aloud() -> None:
    days = (ResultColumn("day", DATE), ResultColumn("n", INTEGER))
    rows = [(date(2026, 1, 1) + timedelta(day), 9) for day in range(100)]
    chart = render_chart(result(days, *rows), width=40, color=False).splitlines()
    assert chart[-1] == "… 62 earlier buckets"
    assert chart[-2].split() == ["2026-03-04", "2026-04-10"]
    assert chart[1] == "9 " + "█" * 38


def test_members_over_time_share_one_scale() -> None:
    columns = (ResultColumn("month", DATE), ResultColumn("channel", TEXT), ResultColumn("n", INTEGER))
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    rows = [(january, "a", 8), (january, "b", 2), (february, "a", 4)]
    assert render_chart(result(columns, *rows), width=40, color=False).splitlines() == [
        "n, the latest on the right",
        "a █▄ 4",
        "b ▂· –",
        "  2026-01-01 … 2026-02-01",
    ]


@pytest.mark.parametrize("width", [30, 40, 60, 100])
def test_no_line_is_too_wide_and_hostile_text_is_escaped(width: int) -> None:
    rows = [(HOSTILE, 1.0), ("日本語" * 20, -2.5), (None, 0.00001)] + [
        (f"member {n}", float(n)) for n in range(40)
    ]
    chart = render_chart(result(MARGIN, *rows), width=width, color=False)
    assert max(map(cell_len, chart.splitlines())) <= width
    assert chart.replace("\n", "").isprintable()
    assert chart.splitlines()[-1] == "… 23 more members"


def test_colour_is_asked_for() -> None:
    bars = result(MARGIN, ("a", 1.0), ("b", -1.0))
    assert "\x1b" not in render_chart(bars, width=40, color=False)
    assert "\x1b[36m" in render_chart(bars, width=40, color=True)
    assert "\x1b[31m" in render_chart(bars, width=40, color=True)


def test_nothing_to_draw() -> None:
    assert render_chart(result(MARGIN), width=40, color=False) == ""
    assert render_chart(result(MARGIN, ("a", None), ("b", float("nan"))), width=40, color=False) == ""
    assert render_chart(result(MARGIN[1:], (5.0,)), width=40, color=False) == ""
    assert render_chart(result(MARGIN[:1], ("a",)), width=40, color=False) == ""


def test_a_number_may_be_a_dimension() -> None:
    years = (ResultColumn("age", INTEGER), ResultColumn("n", INTEGER))
    assert render_chart(result(years, (30, 5)), width=40, color=False) == ""
    assert (
        render_chart(result(years, (30, 5)), width=40, color=False, groups=1)
        .splitlines()[1]
        .startswith("30 █")
    )


def test_a_rate_that_is_written_as_percent_has_no_other_unit() -> None:
    rate = (ResultColumn("channel", TEXT), ResultColumn("rate", FLOAT, "order/session"))
    rows = (("a", 0.5), ("b", 0.25))
    assert render_chart(result(rate, *rows), width=40, color=False).startswith("rate (order/session)\n")
    shown = render_chart(result(rate, *rows), width=40, color=False, format="0.0%")
    assert shown.startswith("rate\n")
    assert "50.0%" in shown
