"""Helps name what the user wrote: a place in a path, a month, the project's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import call, write

NAMES = ("as_of", "period_start", "period_end")


def help_of(text: str) -> str:
    """Return the first help as one line."""
    lines = text.partition("= help: ")[2].splitlines()
    rest = lines[1 : lines.index("")] if "" in lines else []
    return " ".join([lines[0], *(line.strip() for line in rest)])


@pytest.mark.parametrize(
    ("formula", "place", "help"),
    [
        ("sum(orders.amuont)", "amuont", "did you mean `amount`?"),
        ("sum(order.amount)", "order", "did you mean `orders`?"),
        ("count(orders where customer.contry = 'FR')", "contry", "did you mean `country`?"),
        ("count(orders where custmer.country = 'FR')", "custmer", "did you mean `customer` or `customers`?"),
        ("sum(amount.amount)", "amount.amount", "there is `orders`, `customers`, `visits`"),
    ],
)
def test_the_part_of_a_path_that_nothing_is_called_is_pointed_at(
    filled: Path, formula: str, place: str, help: str
) -> None:
    said = call("compile", f"x = {formula}", cwd=filled).err
    marked = next(line for line in said.splitlines() if "^" in line)
    assert "name/unknown" in said
    assert f"| {' ' * (4 + formula.index(place))}{'^' * len(place)} unknown name" in marked
    assert help_of(said).startswith(help)


@pytest.mark.parametrize(
    ("condition", "period"),
    [
        ("month = 2026-02-01", "2026-02"),
        ("month = '2026-02'", "2026-02"),
        ("week = 2026-12-28", "2026-W53"),
        ("quarter = 2026-05-01", "2026-Q2"),
        ("year = 2025", "2025"),
        ("day = 2025-03-09", "2025-03-09"),
        ("month >= 2026-02-01 and month < 2026-04-01", "2026-02-01..2026-04-01"),
        ("month = 2", "2026-01"),
        ("month = '2026-13'", "2026-01"),
        ("channel = 'a' and month = 2026-07-01", "2026-07"),
    ],
)
def test_a_grain_in_a_condition_is_the_period_that_is_meant(
    filled: Path, condition: str, period: str
) -> None:
    said = call("compile", "revenue", "--where", condition, cwd=filled).err
    assert f"`--period {period}`" in said


@pytest.mark.parametrize(
    ("formula", "help"),
    [
        ("count(orders.*)", "write `count(orders)`, which counts its rows;"),
        ("sum(orders.*)", "name one column of `orders` in place of `*`"),
        ("sum(orders.amount) filter (where channel = 'a')", "write `sum(orders.amount where channel = 'a')`"),
    ],
)
def test_what_is_written_otherwise_is_shown_with_its_own_words(filled: Path, formula: str, help: str) -> None:
    assert help_of(call("compile", f"x = {formula}", cwd=filled).err).startswith(help)


@pytest.mark.parametrize(
    ("length", "help"),
    [
        ("two days", "write `2 days`"),
        ("a month", "write `1 month`"),
        ("twelve  hours", "write `12 hours`"),
        ("some days", "write a whole number and a unit: `3 days`, `12 hours`, `1 month`"),
        ("3 days ago", "write a whole number and a unit: `3 days`, `12 hours`, `1 month`"),
    ],
)
@pytest.mark.parametrize("key", ["settles_after", "maturity"])
def test_a_length_of_time_in_words_is_told_in_digits(
    tmp_path: Path, key: str, length: str, help: str
) -> None:
    of = {key: length}
    said = call("check", cwd=write(tmp_path, _shop(of.get("settles_after"), of.get("maturity")))).err
    assert "error[window/amount]" in said
    assert f"`{length}` is no length of time that `{key}` takes" in said
    assert help_of(said) == help


def _shop(settles_after: str | None, maturity: str | None) -> str:
    settles = f"settles_after: {settles_after}, " if settles_after else ""
    matures = f", maturity: {maturity}" if maturity else ""
    return (
        f"datasets:\n  orders: {{table: orders, key: id, time: day, {settles}columns: {{id: integer, day: date}}}}\n"
        f"metrics:\n  placed: {{formula: count(orders){matures}}}\n"
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("section", "body"),
    [
        ("metrics", "count(orders)"),
        ("kpis", "{formula: count(orders), label: a, direction: up, owner: a@b.example}"),
        ("parameters", "date"),
        ("filters", "day_of = 1"),
        ("dimensions", "{from: {orders: id}}"),
    ],
)
def test_times_of_a_window_lend_nobody_their_names(
    tmp_path: Path, section: str, body: str, name: str
) -> None:
    definitions = _shop(None, None).replace("metrics:", f"{section}:\n  {name}: {body}\nmetrics:")
    if section == "metrics":
        definitions = _shop(None, None) + f"  {name}: {body}\n"
    said = call(
        "check",
        cwd=write(tmp_path, f"{definitions}  used: placed / (1 + 0 * date_diff(day, {name}, {name}))\n"),
    )
    assert said.code == 1
    assert "error[name/reserved]" in said.err
    assert "1 error" in said.err


def test_a_functions_name_is_free_and_a_column_keeps_its_own(tmp_path: Path) -> None:
    definitions = _shop(None, None).replace("day: date}", "day: date, as_of: date}")
    shop = write(tmp_path, f"{definitions}  sum: count(orders where as_of > day)\n  total: total(sum)\n")
    assert call("check", cwd=shop).code == 0
    assert "orders.as_of > orders." in call("compile", "total", cwd=shop).out


def test_an_objective_and_a_scorecard_are_two_statements(filled: Path) -> None:
    done = call("compile", "--objective", "a", "--scorecard", "b", cwd=filled)
    assert (done.code, done.out) == (2, "")
    assert "`--objective` and `--scorecard` ask for two statements: compile one, then the other" in done.err
