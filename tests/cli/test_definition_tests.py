"""`kpidsl test`: the tests inside definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kpidsl.engines import connect
from tests.servers import postgres

from .running import DEFINITIONS, call, write


def with_tests(*tests: str) -> str:
    """Return the shop with one more KPI, `counted`, that has these tests."""
    lines = "".join(f"      - {test}\n" for test in tests)
    return (
        DEFINITIONS
        + f"  counted:\n    label: Counted\n    formula: sum(orders.amount)\n    direction: up\n    owner: me@example.com\n    tests:\n{lines}"
    )


RIGHT = "{name: right, rows: {orders: [{order_id: 1, amount: 1.50}]}, expect: [{counted: 1.50}]}"
WRONG = "{name: wrong, rows: {orders: [{order_id: 1, amount: 1.50}]}, expect: [{counted: 2}]}"


def outcomes(folder: Path, *arguments: str, code: int) -> list[dict[str, Any]]:
    done = call("test", "--format", "json", *arguments, cwd=folder)
    assert (done.code, done.err) == (code, "")
    shown: list[dict[str, Any]] = json.loads(done.out)
    return shown


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_test_passes_on_both_engines(tmp_path: Path, engine: str) -> None:
    write(tmp_path, with_tests(RIGHT))
    assert [(o["kpi"], o["test"], o["passed"]) for o in outcomes(tmp_path, "--engine", engine, code=0)] == [
        ("conversion", "one visit in two orders", True),
        ("counted", "right", True),
    ]


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_failed_test_ends_with_1_and_shows_both_values(tmp_path: Path, engine: str) -> None:
    write(tmp_path, with_tests(RIGHT, WRONG))
    shown = outcomes(tmp_path, "--engine", engine, code=1)
    assert [o["passed"] for o in shown] == [True, True, False]
    (difference,) = shown[2]["difference"]
    assert "2" in difference
    assert "1.50" in difference
    text = call("test", "--engine", engine, cwd=tmp_path)
    assert text.code == 1
    assert "FAILED  counted: wrong" in text.out
    assert "2 passed, 1 failed" in text.out


def test_names_choose_the_tests(tmp_path: Path) -> None:
    write(tmp_path, with_tests(WRONG))
    assert [o["kpi"] for o in outcomes(tmp_path, "conversion", code=0)] == ["conversion"]
    assert [o["kpi"] for o in outcomes(tmp_path, "counted", "revenue", code=1)] == ["counted"]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["revenue"], "`revenue` has no tests, so nothing was tested"),
        (["revenue", "visits_seen"], "`revenue` and `visits_seen` have no tests"),
        ([], "the project has no tests, so nothing was tested"),
    ],
)
def test_nothing_to_test_is_no_success(tmp_path: Path, names: list[str], told: str) -> None:
    write(tmp_path, DEFINITIONS if names else DEFINITIONS.partition("    tests:\n")[0])
    for format in ("text", "json"):
        done = call("test", *names, "--format", format, cwd=tmp_path)
        assert (done.code, done.out) == (2, "")
        assert told in " ".join(done.err.split())


def test_an_unknown_name_is_wrong_usage(tmp_path: Path) -> None:
    write(tmp_path)
    done = call("test", "conversoin", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "conversion" in done.err


@pytest.mark.parametrize(
    ("test", "wrong"),
    [
        ("{name: a, rows: {orders: [{order_id: 1, amount: many}]}, expect: [{counted: 1}]}", "many"),
        ("{name: a, rows: {orders: [{order_id: 1, amount: 1.505}]}, expect: [{counted: 1}]}", "1.505"),
        ("{name: a, rows: {orders: [{order_id: one}]}, expect: [{counted: 1}]}", "one"),
        ("{name: a, rows: {orders: [{order_id: 1, day: yesterday}]}, expect: [{counted: 1}]}", "yesterday"),
        ("{name: a, rows: {orders: [{order_id: 1, amuont: 1}]}, expect: [{counted: 1}]}", "amuont"),
        ("{name: a, rows: {ordres: [{order_id: 1}]}, expect: [{counted: 1}]}", "ordres"),
        ("{name: a, rows: {orders: [{order_id: 1}]}, expect: [{cuonted: 1}]}", "cuonted"),
        ("{name: a, rows: {orders: [{order_id: 1}]}, expect: [{counted: plenty}]}", "plenty"),
    ],
)
def test_a_cell_that_cannot_be_is_a_diagnostic(tmp_path: Path, test: str, wrong: str) -> None:
    write(tmp_path, with_tests(test))
    done = call("test", cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert "definitions/shop.yml:" in done.err
    assert wrong in done.err
    as_json = call("test", "--format", "json", cwd=tmp_path)
    assert as_json.code == 1
    assert {d["file"] for d in json.loads(as_json.out)} == {"definitions/shop.yml"}


@pytest.mark.parametrize(
    ("expect", "passed"),
    [
        ("[{month: 2026-01-01, counted: 1}, {month: 2026-02-01, counted: 2}]", True),
        ("[{month: 2026-02-01, counted: 2}, {month: 2026-01-01, counted: 1}]", False),
        ("[{month: 2026-01-01, counted: 1}]", False),
        ("[{month: 2026-01-01, counted: 1}, {month: 2026-02-01, counted: 2}, {counted: 0}]", False),
        ("[]", False),
    ],
    ids=["the rows", "another order", "a row less", "a row more", "none"],
)
def test_the_rows_are_compared_as_a_whole(tmp_path: Path, expect: str, passed: bool) -> None:
    rows = "{orders: [{order_id: 1, day: 2026-01-31, amount: 1}, {order_id: 2, day: 2026-02-01, amount: 2}]}"
    write(tmp_path, with_tests(f"{{name: a, rows: {rows}, query: {{by: [month]}}, expect: {expect}}}"))
    assert outcomes(tmp_path, "counted", code=0 if passed else 1)[0]["passed"] is passed


def test_the_query_of_a_test_may_filter(tmp_path: Path) -> None:
    rows = (
        "{orders: [{order_id: 1, day: 2026-01-31, channel: a, amount: 1},"
        " {order_id: 2, day: 2026-02-01, channel: b, amount: 2}]}"
    )
    query = "{where: \"channel = 'b'\", period: 2026-02}"
    write(tmp_path, with_tests(f"{{name: a, rows: {rows}, query: {query}, expect: [{{counted: 2}}]}}"))
    assert outcomes(tmp_path, "counted", code=0)[0]["passed"] is True


def test_tests_need_no_connection_and_touch_none(filled: Path) -> None:
    before = (filled / "shop.duckdb").read_bytes()
    assert call("test", cwd=filled).code == 0
    assert (filled / "shop.duckdb").read_bytes() == before
    (filled / "shop.duckdb").unlink()
    assert call("test", cwd=filled).code == 0
    assert not (filled / "shop.duckdb").exists()


def test_a_connection_says_where_tests_run(tmp_path: Path) -> None:
    write(tmp_path, with_tests(RIGHT))
    for url in ("duckdb:///not_there.duckdb", "sqlite://"):
        assert len(outcomes(tmp_path, "--connection", url, code=0)) == 2
    assert not (tmp_path / "not_there.duckdb").exists()


@pytest.mark.asks("postgres")
def test_a_server_finds_the_rows_in_the_statement(tmp_path: Path) -> None:
    write(tmp_path, with_tests(RIGHT, WRONG))
    shown = outcomes(tmp_path, "--connection", postgres.url(), code=1)
    assert [o["passed"] for o in shown] == [True, True, False]
    with connect(postgres.url(), base=tmp_path) as connection:
        assert "t_orders" not in connection.tables()


def test_a_server_that_is_not_there_ends_with_3(tmp_path: Path) -> None:
    write(tmp_path, with_tests(RIGHT))
    done = call("test", "--connection", "postgresql://ann@127.0.0.1:1/shop?connect_timeout=2", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[connection/open]: `127.0.0.1:1/shop` could not be opened: ")


def test_an_engine_and_a_connection_are_one_too_many(tmp_path: Path) -> None:
    write(tmp_path, with_tests(RIGHT))
    done = call("test", "--engine", "sqlite", "--connection", "duckdb://", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "give one of them" in done.err
