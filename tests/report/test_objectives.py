"""Tables of how objectives stand, where there is little room."""

from __future__ import annotations

import pytest

from kpidsl.report.objectives import Standing, render_objectives


def of_month(month: str, value: str, attainment: float, status: str) -> Standing:
    return Standing("Fees", "cardiology of the town", month, value, "≥ 1,800.00", attainment, (), status)


BY_MONTH = [
    of_month("2026-01", "1,460.00", 0.81, "missed"),
    of_month("2026-02", "2,505.00", 1.39, "met"),
    of_month("2026-03", "1,015.00", 0.56, "missed"),
]


@pytest.mark.parametrize("width", [100, 70, 60, 50, 40, 30])
def test_lines_that_their_periods_tell_apart_keep_these(width: int) -> None:
    shown = render_objectives(BY_MONTH, width=width, color=False)
    assert all(one.period in shown for one in BY_MONTH)
    assert max(map(len, shown.splitlines())) <= width


def test_the_further_lines_of_a_part_of_a_scorecard_begin_below_its_first_letter() -> None:
    part = Standing("  - Answers within the hour", "", "2026-01", "", "", 0.81, (), "missed")
    card = Standing("Service", "", "2026-01", "", "", 0.81, (), "missed")
    shown = render_objectives([card, part], width=60, color=False)
    lines = [line.rstrip() for line in shown.splitlines()[2:]]
    assert [line[:4] for line in lines] == ["  - ", *["    "] * (len(lines) - 1)]
    assert " ".join(line[4:].split("  ")[0] for line in lines) == "Answers within the hour"


def test_a_period_that_tells_no_lines_apart_goes_before_the_attainment() -> None:
    shown = render_objectives(BY_MONTH[:1], width=60, color=False)
    assert "81%" in shown
    assert "2026-01" not in shown
