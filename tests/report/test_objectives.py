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


def of_card(name: str, attainment: float, counted: float | None = None) -> Standing:
    return Standing(name, "", "2026-01", "", "", attainment, (0.5, attainment), "on_track", counted=counted)


CARD = [
    of_card("Service", 1.01),
    of_card("- Answers within the hour", 0.71, 1.06),
    of_card("- Care", 0.98),
    of_card("  - Letters that are answered on the day they come", 1.3),
]


@pytest.mark.parametrize("width", [100, 70, 60, 56, 50, 44, 36, 28, 20])
def test_the_parts_of_a_scorecard_stay_below_it_however_narrow(width: int) -> None:
    shown = render_objectives(CARD, width=width, color=False).splitlines()
    assert max(map(len, shown)) <= width
    assert "" not in shown
    starts = [line for line in shown if line.startswith(("Service", "- ", "  - "))]
    assert [line.partition("Letters")[0] for line in starts][-1] == "  - "
    assert len(starts) == len(CARD)
    body = shown[shown.index(starts[0]) :]
    assert all(line in starts or line.startswith("  ") or body.index(line) < 3 for line in body)


@pytest.mark.parametrize(
    ("width", "gone"),
    [(100, ()), (46, ("2026-01",)), (40, ("2026-01", "106%")), (32, ())],
)
def test_of_a_scorecard_the_period_goes_first_and_lines_have_it_again(
    width: int, gone: tuple[str, ...]
) -> None:
    shown = render_objectives(CARD, width=width, color=False)
    assert {text for text in ("2026-01", "106%", "71%", "on track") if text not in shown} == set(gone)


def test_a_scorecard_of_several_periods_keeps_them() -> None:
    later = [Standing(one.objective, "", "2026-02", "", "", 0.9, (), "at_risk") for one in CARD]
    for width in (100, 56, 40, 30):
        shown = render_objectives([*CARD, *later], width=width, color=False)
        assert (shown.count("2026-01"), shown.count("2026-02")) == (len(CARD), len(CARD))


@pytest.mark.parametrize("width", range(20, 50))
def test_no_line_ends_within_a_number(width: int) -> None:
    space = "\N{NARROW NO-BREAK SPACE}"
    value, target = f"1{space}234,50", f"≥ 82{space}000,00"
    one = Standing("Chiffre d'affaires de l'année", "", "2026-09", value, target, 0.655, (), "at_risk")
    shown = render_objectives([one], width=width, color=False, locale="fr").splitlines()
    assert max(map(len, shown)) <= width
    for text in (value, target, f"66{space}%"):
        assert any(text in line for line in shown) or (
            text == target and not any("≥" in line for line in shown)
        )
