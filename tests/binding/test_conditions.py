"""`where:` of a binding, and formulas in it that aggregate another dataset's rows; worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.binding.projects import ENGINES, asked, checked, with_tables, written
from tests.binding.test_values import FIGURES, SHOP, SHOP_BOUND
from tests.cli.running import call

engines = pytest.mark.parametrize("engine", ENGINES)
COUNTED = "paid = count(orders)"


@engines
def test_rows_that_do_not_fulfil_it_are_no_rows_of_the_dataset(engine: str, tmp_path: Path) -> None:
    bound = SHOP_BOUND.replace("    own: {state: text,", "    where: state = 'PAID'\n    own: {state: text,")
    folder = written(tmp_path, {"kpidsl.yml": bound, **FIGURES})
    url = with_tables(folder, engine, SHOP)
    # The open order of 99 is the third of four; customer 6 has no other.
    assert asked(folder, url, COUNTED) == [{"paid": 3}]
    assert asked(folder, url, COUNTED, where="country = 'DE'") == [{"paid": 0}]
    assert asked(folder, url, "revenue") == [{"revenue": Decimal("75.00")}]
    assert call("check", "--connection", url, cwd=folder).code == 0


@engines
def test_conditions_of_lexicon_binding_and_project_all_hold(engine: str, tmp_path: Path) -> None:
    figures = {
        name: text.replace("    unit: order\n", "    unit: order\n    where: amount < 60\n")
        for name, text in FIGURES.items()
    }
    shop = SHOP_BOUND.replace("./figures@2.1", "../figures@2.1").replace(
        "    own: {state: text,", "    where: state = 'PAID' or state = 'OPEN'\n    own: {state: text,"
    )
    own = "project: p\nlanguage: 1\nuse: [./shop]\nbind: {orders: {where: rebate > 0 or amount = 99}}\n"
    folder = written(tmp_path, {"kpidsl.yml": own, "shop/kpidsl.yml": shop, **figures})
    url = with_tables(folder, engine, SHOP)
    # Orders 1 and 4 have a rebate, and 3 costs 99, which is too much for the lexicon; 2 has none.
    assert asked(folder, url, COUNTED) == [{"paid": 2}]


@pytest.mark.parametrize(
    ("where", "code", "place"),
    [
        ("place = 'PAID'", "bind/own-column", "kpidsl.yml:7:12"),
        ("amount", "type/not-a-condition", "kpidsl.yml:7:12"),
        ("state = = 1", "formula/chained-comparison", "kpidsl.yml:7:20"),
    ],
)
def test_what_is_wrong_with_one_is_told_where_it_stands(
    where: str, code: str, place: str, tmp_path: Path
) -> None:
    bound = SHOP_BOUND.replace("    table: shop_orders\n", f"    where: {where}\n    table: shop_orders\n")
    folder = written(tmp_path, {"kpidsl.yml": bound, **FIGURES})
    done = call("check", cwd=folder)
    assert f"error[{code}]" in done.err
    assert place in done.err


CHILDREN = {
    "figures/kpidsl.yml": "project: figures\nlanguage: 1\nversion: 1.0.0\n",
    "figures/definitions/all.yml": """\
datasets:
  visits:
    table: w.visits
    key: visit_id
    time: begun_at
    columns: {visit_id: text, begun_at: timestamp, goals: integer, is_long: boolean}
  events:
    table: w.events
    key: event_id
    time: happened_at
    columns: {event_id: text, visit_id: text, happened_at: timestamp, is_goal: boolean}
    joins: {visit: {to: visits, using: visit_id}}
metrics:
  reached: sum(visits.goals)
  long_visits: count(visits where is_long)
""",
}
EVENTS = """\
create table visits (visit_id text, begun_at timestamp, is_goal integer);
insert into visits values ('a', '2026-05-01 10:00:00', 5), ('b', '2026-05-01 11:00:00', 0);
create table events (event_id text, visit_id text, happened_at timestamp, name text);
insert into events values
  ('1', 'a', '2026-05-01 10:00:00', 'view'), ('2', 'a', '2026-05-01 10:01:00', 'buy'),
  ('3', 'a', '2026-05-01 10:02:00', 'buy'), ('4', 'b', '2026-05-01 11:00:00', 'view');
"""


@engines
def test_an_aggregate_of_another_dataset_reads_what_the_lexicon_has_there(
    engine: str, tmp_path: Path
) -> None:
    # The table of visits has a column `is_goal` of its own, which the formula reads too.
    bound = """\
project: p
language: 1
use: [./figures]
bind:
  events: {table: events, columns: {is_goal: name = 'buy'}, own: {name: text}}
  visits:
    table: visits
    columns:
      goals: sum(case when events.is_goal then 1 else 0 end)
      is_long: count(events where is_goal) > 1 and is_goal > 2
    own: {is_goal: integer}
"""
    folder = written(tmp_path, {"kpidsl.yml": bound, **CHILDREN})
    url = with_tables(folder, engine, EVENTS)
    assert asked(folder, url, ["reached", "long_visits"]) == [{"reached": 2, "long_visits": 1}]
    # Where the events do not tell it, no visit does.
    written(
        folder,
        {
            "kpidsl.yml": bound.replace(
                "columns: {is_goal: name = 'buy'}, own: {name: text}", "lacks: is_goal"
            )
        },
    )
    project, _ = checked(folder)
    assert "reached" not in project.metrics
    assert "long_visits" not in project.metrics
