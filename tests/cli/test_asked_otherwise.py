"""Queries as people type them: names in capitals or with blanks, functions behind `--by`, lengths, files of rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import kpidsl
from kpidsl.engines.errors import EngineError

from .running import DEFINITIONS, SETTINGS, call, fill, write
from .test_helps import help_of


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    fill(write(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "help"),
    [
        (["Orders_Placed"], "write `orders_placed`"),
        (["Orders Placed"], "write `orders_placed`"),
        (["orders-placed"], "write `orders_placed`"),
        (["orders_placed as x"], "write `x = orders_placed`"),
        (["count(orders) AS X"], "write `x = count(orders)`"),
        (["orders_placed visits_seen"], "each stands by itself, without quotes around them all: `orders_placed visits_seen`"),
        (["order_placed"], "did you mean `orders_placed`?"),
        (["x = order_placed / 2"], "did you mean `orders_placed`?"),
        (["placed_visits"], "did you mean `visits_seen` or `orders_placed`?"),
        (["count(orders)"], "an ad-hoc formula has a name: `answer = count(orders)`"),
        (["revenue", "--by", "channel month"], "write each by itself, `--by channel,month`, or in YAML `by: [channel, month]`"),
        (["revenue", "--by", "date_trunc('month', day)"], "write `month`, the months of the time by which rows are read"),
        (["revenue", "--by", "channel,date_trunc(week, day)"], "write `week`, the weeks of the time by which rows are read"),
        (["revenue", "--by", "month(day)"], "write `month` for each month by itself, `month_of_year` for what all months of that number have"),
        (["revenue", "--by", "extract(dow from day)"], "write `weekday`"),
        (["revenue", "--by", "lower(channel)"], 'rows are grouped by dimensions: define one, `NAME: {from: {DATASET: "lower(channel)"}}` under `dimensions:`'),
        (["x = prior(revenue, 1 yr)"], "write `1 year`"),
        (["x = rolling(revenue, 12 mos)"], "write `12 months`"),
        (["x = rolling(revenue, 7)"], "write `7 days`"),
        (["x = rolling(revenue, 30d)"], "write `30 days`"),
        (["x = rolling(revenue, 3months)"], "write `3 months`"),
        (
            ["x = count(visits where followed_by(orders, visits per channel within 1 day))"],
            "put `then` between them: `followed_by(orders then visits per channel within 1 day)`",
        ),
    ],
)  # fmt: skip
def test_what_is_meant_is_told(tmp_path: Path, asked: list[str], help: str) -> None:
    said = call("compile", *asked, cwd=write(tmp_path))
    assert said.code == 1
    assert said.err.endswith("\n1 error\n")
    assert help_of(said.err) == help


def test_of_many_names_only_near_ones_are_offered(tmp_path: Path) -> None:
    many = "".join(f"  metric_of_{letter}: count(orders)\n" for letter in "abcdefghijklmnop")
    folder = write(tmp_path, DEFINITIONS.replace("metrics:\n", "metrics:\n" + many))
    for asked in ("churn_of_customers", "x = churn_of_customers * 2"):
        said = call("compile", asked, cwd=folder)
        assert help_of(said.err) == (
            "`kpidsl list --search customers` looks for a word in names, labels, synonyms and descriptions"
        )


def test_fill_stands_as_it_was_typed(tmp_path: Path) -> None:
    said = call("compile", "revenue", "--by", "weekday", "--fill", cwd=write(tmp_path))
    assert said.err.startswith("error[query/fill]")
    assert "\n1 | --fill\n" in said.err


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_a_file_of_rows_is_no_database(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path, settings=SETTINGS.replace("shop.duckdb", name))
    (folder / name).write_text("order_id,day\n1,2026-01-01\n", encoding="utf-8")
    said = call("run", "orders_placed", cwd=folder)
    assert said.code != 0
    told = " ".join(said.err.split())
    assert "it is a file of rows and no database: make one in Python, `import duckdb; " in told
    assert f"create table orders as from '{name}'" in told
    assert told.endswith("write `duckdb:///orders.duckdb`")


def test_the_database_that_is_offered_answers(tmp_path: Path) -> None:
    folder = write(tmp_path, settings=SETTINGS.replace("shop.duckdb", "orders.csv"))
    (folder / "orders.csv").write_text("order_id,day\n1,2026-01-01\n", encoding="utf-8")
    told = " ".join(call("run", "orders_placed", cwd=folder).err.split())
    statement = told.partition("make one in Python, `")[2].partition("`, and write")[0]
    subprocess.run([sys.executable, "-c", statement], cwd=folder, check=True)
    (folder / "kpidsl.yml").write_text(SETTINGS.replace("shop.duckdb", "orders.duckdb"), encoding="utf-8")
    assert call("run", "orders_placed", cwd=folder).out.split()[-1] == "1"


def test_a_file_that_is_open_in_this_process(shop: Path) -> None:
    with duckdb.connect(str(shop / "shop.duckdb")) as mine:
        with pytest.raises(EngineError) as caught:
            kpidsl.load(shop).query(["orders_placed"]).run()
        help = "it is open in this process: close that connection first, `connection.close()`"
        assert caught.value.help == help
        assert caught.value.__notes__ == [f"help: {help}"]
        mine.close()
    assert kpidsl.load(shop).query(["orders_placed"]).run().table.num_rows == 1


def test_a_file_that_another_program_writes(shop: Path) -> None:
    script = (
        "import duckdb, sys; c = duckdb.connect('shop.duckdb'); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=shop, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        told = " ".join(call("run", "orders_placed", cwd=shop).err.split())
        other.communicate("")
    assert "another program has it open for writing: close it there, or ask a copy of the file" in told


@pytest.mark.parametrize(
    ("formula", "help"),
    [
        ("count(orders where channel in ())", "write what is sought between the brackets, or leave the condition on `channel` out"),
        ("count(orders where channel in ('a' 'b'))", "write `in ('a', 'b')`"),
        ("count(orders where channel in ('a', 'b' 'c', 'd'))", "write `in ('a', 'b', 'c', 'd')`"),
        ("count(orders where channel = 'a' or 'b')", "write `channel in ('a', 'b')`"),
        ("count(orders where amount = 1 or 2 or 3)", "write `amount in (1, 2, 3)`"),
        ("share(revenue across contry)", "did you mean `country`?"),
        ("share(revenue across custmer_id)", "did you mean `customers.customer_id`?"),
        ("avg(revenue per custmer)", "did you mean `orders.customer_id`?"),
        ("count(orders where amount > 1,5)", "a number has a point before its fraction: write `1.5`"),
        ("count(\u043erders)", "write `o`"),
        ("count\uff08orders)", "write `(`"),
        ("count(ord\u200bers)", "remove it"),
        ("first(orders.amount order by day)", "write `first(orders.amount)`, or name another time: `first(orders.amount at shipped_at)`"),
    ],
)  # fmt: skip
def test_slips_in_formulas_are_told_with_what_is_meant(tmp_path: Path, formula: str, help: str) -> None:
    said = call("compile", f"x = {formula}", cwd=write(tmp_path))
    assert said.err.endswith("\n1 error\n")
    assert help_of(said.err) == help


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("amount between 5 and 1", "amount between 1 and 5"),
        ("day not between 2026-02-01 and 2026-01-01", "day not between 2026-01-01 and 2026-02-01"),
        ("amount between 1 and 5", None),
        ("amount between 5 and 5", None),
    ],
)
def test_ends_that_are_exchanged_are_warned_of(tmp_path: Path, condition: str, meant: str | None) -> None:
    said = call("compile", f"x = count(orders where {condition})", cwd=write(tmp_path))
    assert said.code == 0
    assert said.err.startswith("warning[type/exchanged-ends]") is (meant is not None)
    if meant is not None:
        assert help_of(said.err) == f"write `{meant}`"


@pytest.mark.parametrize(
    ("more", "help", "right"),
    [
        ("parameters:\n  days: 28\n", "write `days: {type: integer, default: 28}`", "days: {type: integer, default: 28}"),
        ("parameters:\n  rate: 0.5\n", "write `rate: {type: float, default: 0.5}`", "rate: {type: float, default: 0.5}"),
        ("parameters:\n  all: true\n", "write `all: {type: boolean, default: true}`", "all: {type: boolean, default: true}"),
        ("filters:\n  paid: {where: channel = 'a'}\n", "did you mean `condition`?", "paid: {condition: channel = 'a'}"),
    ],
)  # fmt: skip
def test_definitions_in_a_short_form(tmp_path: Path, more: str, help: str, right: str) -> None:
    said = call("check", cwd=write(tmp_path, DEFINITIONS + more))
    assert said.err.endswith("\n1 error\n")
    assert help_of(said.err) == help
    section = more.partition("\n")[0]
    assert call("check", cwd=write(tmp_path, f"{DEFINITIONS}{section}\n  {right}\n")).code == 0


@pytest.mark.parametrize("period", ["ytd", "this month", "today", "year to date", "current quarter"])
def test_periods_that_the_clock_tells(tmp_path: Path, period: str) -> None:
    said = call("compile", "revenue", "--period", period, cwd=write(tmp_path))
    assert help_of(said.err).startswith("a period names its days, so that the number can be computed again:")


def test_a_ranking_is_offered_by_what_is_asked(tmp_path: Path) -> None:
    said = call("compile", "orders_placed", "--by", "channel", "--top", "3", cwd=write(tmp_path))
    assert help_of(said.err).startswith("write `3 by orders_placed`; `3 by -orders_placed` for the smallest,")
    again = call("compile", "orders_placed", "--by", "channel", "--top", "3 by orders_placed", cwd=tmp_path)
    assert again.code == 0
