"""Which definitions of a lexicon are there for a binding, what the others lack, and whose definition counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpidsl.model.lexicons import Lack
from tests.binding.projects import checked, written
from tests.cli.running import call

FIGURES = {
    "figures/kpidsl.yml": "project: figures\nlanguage: 1\nversion: 1.4.0\n",
    "figures/definitions/all.yml": """\
datasets:
  orders:
    table: w.orders
    key: order_id
    time: ordered_at
    where: not is_test
    columns:
      order_id: integer
      customer_id: integer
      session_id: integer
      ordered_at: timestamp
      is_test: boolean
      gross: decimal(12,2)
      discount: decimal(12,2)
      net: {type: "decimal(12,2)", expr: gross - discount}
      is_visited: {type: boolean, expr: session.channel is not null}
    joins:
      customer: {to: customers, using: customer_id}
      session: {to: sessions, using: session_id}
  customers:
    table: w.customers
    key: customer_id
    columns:
      customer_id: integer
      country: text
      order_count: {type: integer, expr: count(orders)}
  sessions:
    table: w.sessions
    key: session_id
    time: started_at
    columns: {session_id: integer, started_at: timestamp, channel: text, country: text}
dimensions:
  channel: {type: text, from: {orders: session.channel, sessions: channel}}
  country: {type: text, from: {orders: "coalesce(session.country, customer.country)", customers: country, sessions: country}}
  visited: {type: boolean, from: {orders: is_visited}}
metrics:
  visits: count(sessions)
  net_sales: sum(orders.net)
  gross_sales: sum(orders.gross)
  people: count(customers)
  per_visit: net_sales / visits
  of_emails: sum(orders.gross where session.channel = 'email')
  by_channel: {formula: sum(orders.gross), requires: [channel]}
  of_france: gross_sales where country = 'FR'
  orders_per_customer: avg(customers.order_count)
  share_of_channel: share(gross_sales across channel)
  seen: count_distinct(orders.customer_id where followed_by(sessions per session_id within 1 day))
""",
}
ORDERS = "project: p\nlanguage: 1\nuse: [./figures]\nbind:\n  orders: shop.orders\n"


def test_only_what_reads_bound_datasets_is_there(tmp_path: Path) -> None:
    project, codes = checked(written(tmp_path, {"kpidsl.yml": ORDERS, **FIGURES}))
    assert codes == []
    # `share_of_channel` may stand: asked by channel it is refused, as `by channel` of every figure on orders is.
    assert set(project.metrics) == {"net_sales", "gross_sales", "share_of_channel"}
    assert {name: lack for (section, name), lack in project.project.lacking.items() if section == "kpis"} == {
        "visits": Lack(("sessions",)),
        "people": Lack(("customers",)),
        "per_visit": Lack(("sessions",)),
        "of_emails": Lack(("sessions",)),
        "by_channel": Lack(("sessions",)),
        "of_france": Lack(("customers", "sessions")),
        "orders_per_customer": Lack(("customers",)),
        "seen": Lack(("sessions",)),
    }


def test_with_another_dataset_what_reads_it_comes_too(tmp_path: Path) -> None:
    both = f"{ORDERS}  customers: shop.customers\n"
    project, codes = checked(written(tmp_path, {"kpidsl.yml": both, **FIGURES}))
    assert codes == []
    assert set(project.metrics) - {"net_sales", "gross_sales", "share_of_channel"} == {
        "people",
        "orders_per_customer",
    }
    whole = f"{both}  sessions: shop.sessions\n"
    project, codes = checked(written(tmp_path, {"kpidsl.yml": whole}))
    assert (codes, project.project.lacking) == ([], {})
    assert len(project.metrics) == 11


def test_columns_that_a_table_lacks_take_what_reads_them_along(tmp_path: Path) -> None:
    lacking = ORDERS.replace("  orders: shop.orders", "  orders: {table: shop.orders, lacks: [discount]}")
    project, codes = checked(written(tmp_path, {"kpidsl.yml": lacking, **FIGURES}))
    assert codes == []
    assert "gross_sales" in project.metrics
    assert project.project.lacking["kpis", "net_sales"] == Lack((), ("orders.discount",))
    # Where the computed column itself is bound, what its formula would read may be lacking.
    ready = lacking.replace("lacks:", "columns: {net: net_amount}, lacks:")
    project, codes = checked(written(tmp_path, {"kpidsl.yml": ready}))
    assert codes == []
    assert "net_sales" in project.metrics
    # What every use of a dataset reads takes all along.
    unusable = lacking.replace("[discount]", "[is_test]")
    project, _ = checked(written(tmp_path, {"kpidsl.yml": unusable}))
    assert set(project.metrics) == set()
    assert project.project.lacking["datasets", "orders"] == Lack((), ("orders.is_test",))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("visits",), "`visits` is not available: it reads `sessions`, which is not bound"),
        (("x = gross_sales / visits",), "`visits` is not available: it reads `sessions`, which is not bound"),
        (("x = count(sessions)",), "the dataset `sessions` is not bound"),
        (
            ("x = sum(orders.gross where session.channel = 'a')",),
            "the join `orders.session` is not available: it reads",
        ),
        (
            ("gross_sales", "--by", "channel"),
            "the dimension `channel` of `orders` is not available: it reads",
        ),
        # Not that of the customer alone, which is another meaning.
        (
            ("gross_sales", "--by", "country"),
            "the dimension `country` of `orders` is not available: it reads",
        ),
        (
            ("gross_sales", "--where", "country = 'FR'"),
            "the dimension `country` of `orders` is not available",
        ),
        (("gross_sales", "--by", "sessions.channel"), "the dataset `sessions` is not bound"),
        (
            ("x = count(orders where is_visited)",),
            "the column `orders.is_visited` is not available: it reads",
        ),
    ],
)
def test_asking_for_what_is_not_there_is_told(asked: tuple[str, ...], told: str, tmp_path: Path) -> None:
    folder = written(tmp_path, {"kpidsl.yml": f"{ORDERS}  customers: shop.customers\n", **FIGURES})
    done = call("compile", *asked, cwd=folder)
    assert done.code == 1
    text = " ".join(done.err.split())
    assert "error[bind/unavailable]" in text
    assert told in text, text


def test_check_and_list_tell_how_much_is_there(tmp_path: Path) -> None:
    kpi = "label: A\n    direction: up\n    owner: a@shop.example\n    formula:"
    files = {
        **FIGURES,
        "figures/definitions/kpis.yml": f"kpis:\n  sold:\n    {kpi} net_sales\n  seen_by:\n    {kpi} visits\n",
    }
    folder = written(tmp_path, {"kpidsl.yml": ORDERS, **files})
    done = call("check", cwd=folder)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "p: 1 dataset, 0 dimensions, 3 metrics, 1 KPI, no mistakes\n"
        "figures 1.4.0: 1 of 2 KPIs are available; `kpidsl list unavailable` tells what the others lack\n"
    )
    rows = json.loads(call("list", "unavailable", "--format", "json", cwd=folder).out)
    assert {"kind": "kpi", "name": "seen_by", "type": "lacks sessions", "label": "A"} in rows
    explained = call("explain", "visits", cwd=folder)
    assert explained.code == 2
    assert "`visits` is not available: it reads `sessions`" in explained.err


def test_an_everyday_name_tells_of_variants_that_are_not_there(tmp_path: Path) -> None:
    kpi = "label: A\n    direction: up\n    owner: a@shop.example\n    variant_of: size\n    formula:"
    files = {**FIGURES, "figures/definitions/kpis.yml": f"kpis:\n  seen_by:\n    {kpi} visits\n"}
    folder = written(tmp_path, {"kpidsl.yml": ORDERS, **files})
    told = " ".join(call("compile", "size", cwd=folder).err.split())
    assert (
        "error[name/variants]: `size` is an everyday name for `seen_by`: what they read is not bound" in told
    )
    assert "`kpidsl list unavailable` tells what each of them lacks" in told
    kpis = f"kpis:\n  seen_by:\n    {kpi} visits\n  sold:\n    {kpi} net_sales\n"
    written(tmp_path, {"figures/definitions/kpis.yml": kpis})
    told = " ".join(call("compile", "size", cwd=folder).err.split())
    assert "everyday name for `sold` (A); `seen_by` would be too, and what it reads is not bound" in told
    assert "name the one that is meant: `sold`" in told


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        # What several are called, none of which is there; what one is called; what one of several has there.
        (
            "CTR",
            "name/variants",
            "`CTR` is an everyday name for `ctr_impressions`, `ctr_unique_reach`, `organic_ctr`",
        ),
        (
            "Taux de rebond",
            "name/variants",
            "for `bounce_rate_ga4`, `bounce_rate_ua`: what they read is not bound",
        ),
        ("ROI", "name/variants", "`ROI` is an everyday name for `roi_benefit_cost_ratio`, "),
        (
            "clv",
            "bind/unavailable",
            "`customer_lifetime_value_simple`, which is called so, is not available: it reads",
        ),
        ("Nothing of it", "name/unknown", "there is no metric or KPI `Nothing of it`"),
    ],
)
@pytest.mark.parametrize("command", ["compile", "run"])
def test_everyday_words_name_what_is_not_there(
    tmp_path: Path, command: str, word: str, code: str, said: str
) -> None:
    text = "project: shop\nlanguage: 1\nuse: [marketing]\nconnection: duckdb:///shop.duckdb\n"
    folder = written(tmp_path, {"kpidsl.yml": text})
    told = " ".join(call(command, word, cwd=folder).err.split())
    assert f"error[{code}]" in told
    assert said in told


def test_explain_tells_of_words_for_what_is_not_there(tmp_path: Path) -> None:
    folder = written(tmp_path, {"kpidsl.yml": "project: shop\nlanguage: 1\nuse: [marketing]\n"})
    told = " ".join(call("explain", "taux de rebond", cwd=folder).err.split())
    assert "what is called `taux de rebond` is not available: `bounce_rate_ga4`, `bounce_rate_ua`; " in told


def test_an_objective_on_what_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    objective = """\
kpis:
  seen_by: {label: A, direction: up, owner: a@shop.example, formula: visits}
objectives:
  more: {kpi: seen_by, kind: at_least, target: 10, period: month, owner: a@shop.example}
"""
    _, codes = checked(written(tmp_path, {"kpidsl.yml": ORDERS, "definitions/o.yml": objective, **FIGURES}))
    assert codes == ["bind/left-out", "bind/unavailable"]


def test_the_definition_of_the_project_takes_the_place_of_the_lexicons(tmp_path: Path) -> None:
    own = "metrics:\n  gross_sales: {override: true, formula: sum(orders.gross where gross > 1)}\n"
    project, codes = checked(written(tmp_path, {"kpidsl.yml": ORDERS, "definitions/own.yml": own, **FIGURES}))
    assert codes == []
    assert project.project.metrics["gross_sales"].formula.text == "sum(orders.gross where gross > 1)"
    assert ("kpis", "gross_sales") not in project.project.origins
    dataset = """\
datasets:
  orders:
    override: true
    table: own.orders
    key: order_id
    time: ordered_at
    columns: {order_id: integer, ordered_at: timestamp, gross: "decimal(12,2)", net: "decimal(12,2)"}
"""
    without = {"kpidsl.yml": ORDERS.split("bind:")[0], "definitions/own.yml": dataset}
    folder = written(tmp_path, without)
    _, codes = checked(folder)
    # Its joins and columns are gone with it, and what reads them is wrong, not left out.
    assert "name/unknown" in codes


PROMISED = {
    **FIGURES,
    "figures/definitions/promises.yml": """\
kpis:
  sales: {label: Sales, formula: sum(orders.gross), direction: up, owner: a@shop.example}
  sold: {label: Sold, formula: count(orders), direction: up, owner: a@shop.example}
objectives:
  enough: {kpi: sales, kind: at_least, target: 10, period: month, owner: a@shop.example}
  more: {kpi: sold, kind: at_least, target: 20, period: month, owner: a@shop.example}
scorecards:
  all: {objectives: [enough, more], owner: a@shop.example}
""",
}


def test_a_target_of_ones_own_takes_the_place_of_the_lexicons(tmp_path: Path) -> None:
    own = """\
objectives:
  enough: {override: true, kpi: sales, kind: at_least, target: 77, period: month, owner: b@shop.example}
scorecards:
  all: {override: true, objectives: [enough], owner: b@shop.example}
"""
    files = {"kpidsl.yml": ORDERS, "definitions/own.yml": own, **PROMISED}
    project, codes = checked(written(tmp_path, files))
    assert codes == []
    targets = {name: one.target.text for name, one in project.project.objectives.items() if one.target}
    assert targets == {"enough": "77", "more": "20"}
    assert [part.text for part in project.project.scorecards["all"].objectives] == ["enough"]
    listed = call("list", "objectives", cwd=tmp_path).out
    assert "enough" in listed
    # One of another name would promise the same once more.
    written(
        tmp_path,
        {"definitions/own.yml": own.split("scorecards")[0].replace("enough: {override: true,", "mine: {")},
    )
    done = call("check", cwd=tmp_path)
    assert "error[objective/twice]" in done.err
    assert "call yours `enough` and add `override: true`" in " ".join(done.err.split())
    # Without the mark both are meant, which the message tells what to do about.
    written(tmp_path, {"definitions/own.yml": own.replace("override: true, ", "")})
    done = call("check", cwd=tmp_path)
    assert "error[name/duplicate]" in done.err
    assert "`override: true`" in " ".join(done.err.split())


def test_columns_that_only_a_binding_reads_are_not_offered(tmp_path: Path) -> None:
    bound = ORDERS.replace(
        "orders: shop.orders",
        "orders: {table: shop.orders, columns: {gross: cents * 0.01}, own: {cents: integer}}",
    )
    folder = written(tmp_path, {"kpidsl.yml": bound, **FIGURES})
    for formula in (
        "x = sum(orders.cent)",
        "x = sum(orders.own_cent)",
        "x = sum(orders.gross where cent > 1)",
    ):
        done = call("compile", formula, cwd=folder)
        assert "error[name/unknown]" in done.err
        assert "own_cents" not in done.err
    children = """\
datasets:
  lines:
    table: shop.lines
    key: line_id
    time: added_at
    columns: {line_id: integer, order_id: integer, added_at: timestamp}
    joins: {order: {to: orders, using: order_id}}
"""
    written(folder, {"definitions/own.yml": children})
    done = call("compile", "x = sum(lines.order.gross)", "--dialect", "duckdb", cwd=folder)
    assert "warning[grain/repeated-parent]" in done.err
    # In the table's own column the amount is a hundred times as large.
    assert "write `sum(orders.gross)`" in done.err


def test_tests_of_a_dataset_that_is_overridden_are_left_out(tmp_path: Path) -> None:
    kpi = """\
kpis:
  visitors:
    label: Visitors
    formula: count(sessions)
    direction: up
    owner: a@shop.example
    tests:
      - name: two
        rows:
          sessions: [{session_id: 1}, {session_id: 2}]
        expect: [{visitors: 2}]
  sales:
    label: Sales
    formula: sum(orders.gross)
    direction: up
    owner: a@shop.example
    tests:
      - name: one
        rows:
          orders: [{order_id: 1, is_test: false, gross: 2}]
        expect: [{sales: 2}]
"""
    own = """\
datasets:
  sessions:
    override: true
    table: mine.visits
    key: visit
    time: started_at
    columns: {visit: text, session_id: integer, started_at: timestamp, channel: text, country: text}
    joins: {}
"""
    without_keys = {
        name: text.replace(
            "session: {to: sessions, using: session_id}",
            "session: {to: sessions, using: {visit: session_key}}",
        ).replace(
            "session_id: integer\n      ordered_at",
            "session_id: integer\n      session_key: text\n      ordered_at",
        )
        for name, text in FIGURES.items()
    }
    files = {
        "kpidsl.yml": ORDERS,
        "definitions/own.yml": own,
        **without_keys,
        "figures/definitions/kpis.yml": kpi,
    }
    folder = written(tmp_path, files)
    # The lexicon alone joins by a column that its own sessions do not have; with the override all is right.
    assert call("check", cwd=folder).code == 0, call("check", cwd=folder).err
    assert call("test", cwd=folder).out == "passed  sales: one\n1 passed, 0 failed\n"


def test_lexicons_build_on_each_other(tmp_path: Path) -> None:
    shop = {
        "shop/kpidsl.yml": """\
project: shop
language: 1
use: [../figures@1.4]
bind:
  orders:
    table: raw.sales
    columns: {order_id: id, gross: total}
    lacks: [discount]
"""
    }
    own = """\
project: p
language: 1
use: [./shop, ./figures]
bind:
  orders:
    table: mine.sales
    columns: {discount: rebate}
"""
    project, codes = checked(written(tmp_path, {"kpidsl.yml": own, **shop, **FIGURES}))
    assert codes == []
    orders = project.project.datasets["orders"]
    assert [part.text for part in orders.table or ()] == ["mine", "sales"]
    physical = {name: orders.columns[name].physical.text for name in ("order_id", "gross", "discount")}
    assert physical == {"order_id": "id", "gross": "total", "discount": "rebate"}
    assert [one.name for one in project.project.lexicons] == ["figures", "shop"]


def test_files_of_a_lexicon_are_not_the_projects_own(tmp_path: Path) -> None:
    own = ORDERS.replace("use:", 'include: ["**/*.yml"]\nuse:')
    _, codes = checked(written(tmp_path, {"kpidsl.yml": own, **FIGURES}))
    assert codes == []


def test_a_lexicon_stays_inside_the_project(tmp_path: Path) -> None:
    written(tmp_path, FIGURES)
    inside = written(tmp_path / "inside", {"kpidsl.yml": ORDERS.replace("./figures", "../figures")})
    _, codes = checked(inside)
    assert codes == ["project/include"]


def test_what_is_wrong_with_a_definition_is_told_once(tmp_path: Path) -> None:
    own = "metrics:\n  wrong: sum(orders.grosss)\n"
    _, codes = checked(written(tmp_path, {"kpidsl.yml": ORDERS, "definitions/own.yml": own, **FIGURES}))
    assert codes == ["name/unknown"]
