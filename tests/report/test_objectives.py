"""Tables of how objectives stand, where there is little room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kpidsl.report.numbers import Locale
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


def test_a_period_that_tells_no_lines_apart_stands_beside_the_name_where_there_is_no_room() -> None:
    shown = render_objectives(BY_MONTH[:1], width=64, color=False)
    assert shown.splitlines()[0] == "Fees · 2026-01"
    assert shown.splitlines()[1].split() == ["of", "value", "target", "attainment", "status"]
    assert all(text in shown for text in ("1,460.00", "≥ 1,800.00", "81%", "missed"))


@pytest.mark.parametrize("width", [30, 45, 60, 75, 90, 110])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_what_has_no_room_is_told(width: int, locale: Locale) -> None:
    one = Standing("Fees", "cardiology", "2026-01", "1,460.00", "≥ 1,800.00", 0.81, (0.5, 0.81), "missed")
    shown = render_objectives([one, replace(one, members="surgery")], width=width, color=False, locale=locale)
    assert max(map(len, shown.splitlines())) <= width
    assert all(text in shown for text in ("2026-01", "1,460.00", "≥ 1,800.00", "surgery", "81"))
    # It is the title of a column, or what is told below.
    assert shown.count("trend" if locale == "en" else "tendance") == 1
    assert ("no room" in shown or "pas de place" in shown) == (width < 90)


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
    shown = render_objectives(CARD, width=width, color=False).partition("no room")[0].rstrip().splitlines()
    assert max(map(len, shown)) <= width
    assert "" not in shown
    starts = [line for line in shown if line.startswith(("Service", "- ", "  - "))]
    assert [line.partition("Letters")[0] for line in starts][-1] == "  - "
    assert len(starts) == len(CARD)
    body = shown[shown.index(starts[0]) :]
    assert all(line in starts or line.startswith("  ") or body.index(line) < 3 for line in body)


@pytest.mark.parametrize(
    ("width", "gone"),
    [(100, ()), (46, ()), (40, ("106%",)), (32, ())],
)
def test_of_a_scorecard_what_counts_goes_last_and_lines_have_it_again(
    width: int, gone: tuple[str, ...]
) -> None:
    shown = render_objectives(CARD, width=width, color=False)
    assert {text for text in ("2026-01", "106%", "71%", "on track") if text not in shown} == set(gone)


def test_a_scorecard_of_several_periods_keeps_them() -> None:
    later = [Standing(one.objective, "", "2026-02", "", "", 0.9, (), "at_risk") for one in CARD]
    for width in (100, 56, 40, 30):
        shown = render_objectives([*CARD, *later], width=width, color=False)
        assert (shown.count("2026-01"), shown.count("2026-02")) in ((len(CARD), len(CARD)), (1, 1))


@pytest.mark.parametrize("width", range(20, 50))
def test_no_line_ends_within_a_number(width: int) -> None:
    space = "\N{NARROW NO-BREAK SPACE}"
    value, target = f"1{space}234,50", f"≥ 82{space}000,00"
    one = Standing("Chiffre d'affaires de l'année", "", "2026-09", value, target, 0.655, (), "at_risk")
    shown = render_objectives([one], width=width, color=False, locale="fr").splitlines()
    assert max(map(len, shown)) <= width
    for text in (value, target, f"66{space}%"):
        assert any(text in line for line in shown)
