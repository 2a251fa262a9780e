"""Names that are words of the language: each can be used wherever names are, or is refused where it is defined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from kpidsl.model.grains import EDGES, GRAINS, PARTS
from kpidsl.syntax.keywords import KEYWORDS, OPENING
from kpidsl.syntax.machine import stored

from .running import call, write
from .test_helps import help_of

FREE = sorted(KEYWORDS - OPENING)
TABLE = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: day
    columns: {order_id: integer, day: date, amount: "decimal(12,2)"}
"""
COLUMNS = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: placed_on
    columns:
      order_id: integer
      placed_on: date
"""
COLUMN = """\
      WORD: integer
      twice_WORD: {type: integer, expr: 2 * WORD}
      more_WORD: {type: integer, expr: "coalesce(WORD, 0) + 1"}
"""
OF_COLUMN = """\
  first_WORD: sum(orders.WORD where WORD > 1 and not WORD = 3)
  second_WORD: sum(orders.WORD)
  third_WORD: max(max(orders.WORD) per orders.WORD)
  fourth_WORD: sum(orders.WORD + twice_WORD) + max(orders.more_WORD)
"""
SHOWN = """\
  WORD: count(orders)
  inside_WORD: coalesce(WORD, 0) + WORD
  half_WORD: case when WORD > 1 then WORD else -WORD end
  part_WORD: WORD / total(WORD across month)
  past_WORD: prior(WORD, 1 month)
"""
MEMBERS = """\
datasets:
  WORD:
    table: orders
    key: order_id
    time: day
    columns: {order_id: integer, day: date, amount: integer}
    joins: {WORD_2: {to: partners, using: order_id}}
  partners: {table: partners, key: order_id, columns: {order_id: integer, kind: text}}
dimensions:
  WORD: {from: {WORD: WORD_2.kind}}
metrics:
  rows: count(WORD where WORD_2.kind = 'a') + sum(WORD.amount where WORD = 'b')
  shared: total(rows across WORD)
  asked: count(WORD where amount > WORD_3)
parameters: {WORD_3: {type: integer, default: 0}}
"""


def _of_each(template: str) -> str:
    return "".join(template.replace("WORD", word) for word in FREE)


def _with_tables(folder: Path, definitions: str, columns: Sequence[str] = ("amount",)) -> Path:
    """Return a project of three orders of 2025, with 1, 3 and 5 in each column, of the kinds a, b and b."""
    shop = write(folder, definitions)
    each = [f'number as "{column}"' for column in columns]
    with duckdb.connect(str(shop / "shop.duckdb")) as connection:
        connection.execute(
            f"create table orders as select order_id, day, day as placed_on, {', '.join(each)} from (values "
            "(1, date '2025-01-01', 1), (2, date '2025-01-02', 3), (3, date '2025-02-01', 5)) "
            "as t(order_id, day, number)"
        )
        connection.execute(
            "create table partners as select * from (values (1, 'a'), (2, 'b'), (3, 'b')) as t(order_id, kind)"
        )
    return shop


def _rows(folder: Path, *words: str) -> list[str]:
    done = call("run", *words, "--period", "2025", "--as-of", "2026-01-01", "--format", "csv", cwd=folder)
    assert done.code == 0, done.err
    return done.out.splitlines()[1:]


def test_words_that_open_something_are_those_of_the_grammar() -> None:
    opening: set[str] = set()
    for row in stored().steps.values():
        if row.get("NAME", -1) >= 0:
            opening |= {kind.strip("_").lower() for kind in row if kind.strip("_").lower() in KEYWORDS}
    # `order` opens something before ` by` alone.
    assert opening == OPENING | {"order"}


def test_columns_may_be_called_by_words_that_work(tmp_path: Path) -> None:
    definitions = f"{COLUMNS}{_of_each(COLUMN)}metrics:\n{_of_each(OF_COLUMN)}"
    shop = _with_tables(tmp_path, definitions, FREE)
    kinds = ("first", "second", "third", "fourth")
    # Of 1, 3 and 5 the first sum has 5, the second 9; the greatest is 5.
    assert _rows(shop, *(f"{kind}_{word}" for word in FREE for kind in kinds)) == [
        ",".join(["5,9,5,33"] * len(FREE))
    ]
    by, where = (f"orders.{word}" for word in FREE), " and ".join(f"orders.{word} > 1" for word in FREE)
    told = _rows(shop, "second_by", "--by", ",".join(by), "--where", where)
    assert told == [",".join([number] * (len(FREE) + 1)) for number in "35"]


def test_metrics_may_be_called_by_words_that_work(tmp_path: Path) -> None:
    shop = _with_tables(tmp_path, f"{TABLE}metrics:\n{_of_each(SHOWN)}")
    having = " and ".join(f"{word} > 0" for word in FREE)
    asked = ["--by", "month", "--having", having, "--order", "-month", "--top", "2 by by"]
    for word in FREE:
        asked += ["--order", f"-{word}"]
    kinds = [f"{kind}{word}" for word in FREE for kind in ("", "inside_", "half_", "part_", "past_")]
    assert _rows(shop, *kinds, "x = by * to", *asked) == [
        "2025-02-01," + "1,2,-1,0.3333333333333333,2," * len(FREE) + "1",
        "2025-01-01," + "2,4,2,0.6666666666666666,0," * len(FREE) + "4",
    ]


@pytest.mark.parametrize("word", FREE)
def test_datasets_dimensions_joins_and_parameters_may_be_called_by_words_that_work(
    tmp_path: Path, word: str
) -> None:
    shop = _with_tables(tmp_path, MEMBERS.replace("WORD", word))
    where = ("--where", f"{word} != 'c' and {word}.amount < 5", "--set", f"{word}_3=2")
    # One of a, and 3 in rows of b.
    asked = ("--by", f"{word},{word}.{word}_2.kind")
    assert _rows(shop, "rows", "shared", "asked", *asked, *where) == ["a,a,1,1,0", "b,b,3,3,1"]


@pytest.mark.parametrize("word", sorted(OPENING))
@pytest.mark.parametrize(
    ("section", "body", "other"),
    [
        ("metrics", "count(orders)", "value"),
        ("kpis", "{formula: count(orders), label: a, direction: up, owner: a@b.example}", "value"),
        ("parameters", "date", "given"),
        ("filters", "orders.order_id = 1", "given"),
        ("dimensions", "{from: {orders: order_id}}", "name"),
        ("datasets", "{table: x, key: id, columns: {id: integer}}", "rows"),
    ],
)
def test_a_word_that_no_formula_reads_is_refused_once(
    tmp_path: Path, word: str, section: str, body: str, other: str
) -> None:
    more = f'{section}:\n  "{word}": {body}\n'
    text = TABLE.rstrip("\n") + more.removeprefix("datasets:") if section == "datasets" else TABLE + more
    said = call("check", cwd=write(tmp_path, text)).err
    assert f"error[name/reserved]: `{word}` is a word of the formula language" in said
    assert help_of(said).endswith(f"`{word}_{other}`")
    assert said.endswith("\n1 error\n")


def test_figures_that_a_query_would_mix_up_are_refused(tmp_path: Path) -> None:
    names = sorted({*GRAINS, *PARTS, *EDGES})
    keys = "label: a, direction: up, owner: a@b.example"
    figures = "".join(f"  {name}: {{formula: count(orders), {keys}}}\n" for name in names)
    for section, what in (("kpis", "KPI"), ("metrics", "metric")):
        body = figures.replace(f", {keys}", "") if section == "metrics" else figures
        used = "".join(f"  used_{name}: {name} + 1\n" for name in names)
        more = f"{'' if section == 'metrics' else 'metrics:'}\n{used}"
        said = call("check", cwd=write(tmp_path, f"{TABLE}{section}:\n{body}{more}"))
        told = " ".join(said.err.split())
        for name in names:
            assert f"name the {what} otherwise, for example `{name}_value`" in told
        assert said.err.count("error[name/reserved]") == len(names)
        assert said.err.endswith(f"\n{len(names)} errors\n")


@pytest.mark.parametrize("name", ["day", "month", "weekday", "as_of"])
def test_columns_and_joins_keep_the_name_of_a_grain_and_so_do_datasets(tmp_path: Path, name: str) -> None:
    of_columns = f"{COLUMNS}{COLUMN}    joins: {{WORD: {{to: others, using: order_id}}}}\n"
    others = "  others: {table: others, key: order_id, columns: {order_id: integer}}\n"
    definitions = f"{of_columns}{others}metrics:\n{OF_COLUMN}".replace("WORD", name)
    done = call("check", cwd=write(tmp_path, definitions))
    assert done.code == 0, done.err
    definitions = (
        TABLE.replace("orders:", f"{name}:") + f"metrics:\n  many: count({name}) + sum({name}.amount)\n"
    )
    done = call("check", cwd=write(tmp_path, definitions))
    assert done.code == 0, done.err


def test_a_formula_with_a_refused_name_is_not_told_as_well(tmp_path: Path) -> None:
    definitions = (
        TABLE.replace("amount:", "case: text, null_2:")
        + "metrics:\n  month: count(orders where case = 'a')\n  not: count(orders)\n"
        + "  both: month / not\n  other: count(orders where case in ('a'))\n  wrong: month +\n"
    )
    said = call("check", cwd=write(tmp_path, definitions)).err
    assert re.findall(r"error\[([a-z/-]+)\]", said) == ["name/reserved"] * 3 + ["formula/syntax"]


def test_a_column_is_read_under_another_name_as_the_help_says(tmp_path: Path) -> None:
    for word in sorted(OPENING):
        folder = tmp_path / word
        folder.mkdir()
        text = TABLE.replace('"decimal(12,2)"', "integer").replace("amount:", f'"{word}":')
        said = " ".join(call("check", cwd=write(folder, text)).err.split())
        found = re.search(r"calls it: `(\w+: \{.*?\})`", said)
        assert found is not None, said
        mended = text.replace(f'"{word}": integer', found[1])
        with duckdb.connect(str(folder / "shop.duckdb")) as connection:
            connection.execute(
                f"""create table orders as select 1 as order_id, date '2025-01-01' as day, 7 as "{word}" """
            )
        write(folder, f"{mended}metrics:\n  whole: sum(orders.{word}_value)\n")
        assert _rows(folder, "whole") == ["7"]


def test_a_grain_of_a_calendar_is_not_called_like_a_metric(tmp_path: Path) -> None:
    calendar = (
        "calendars:\n  retail:\n    table: days\n    day: calendar_date\n"
        "    columns: {calendar_date: date, week_key: integer}\n    grains: {GRAIN: week_key}\n"
    )
    for grain, told in (
        ("placed", "error[name/duplicate]: `placed` is already defined under `metrics`"),
        ("case", "error[name/reserved]: `case` is a word of the formula language"),
        ("retail_week", None),
    ):
        definitions = f"{TABLE}metrics:\n  placed: count(orders)\n{calendar.replace('GRAIN', grain)}"
        folder = tmp_path / grain
        folder.mkdir()
        said = call("check", cwd=write(folder, definitions))
        assert said.code == (told is not None)
        assert told is None or (said.err.startswith(told) and said.err.endswith("\n1 error\n"))
