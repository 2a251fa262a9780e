"""Parts of a query in Python: what is of another type, or is no part, is a diagnostic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import kpidsl
from kpidsl.diagnostics import Diagnostic, Label
from kpidsl.query_parts import with_arguments
from kpidsl.semantics.errors import unknown
from kpidsl.source import SourceFile, Span

DEFINITIONS = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: day
    columns: {order_id: integer, day: date, channel: text, amount: "decimal(12,2)"}
dimensions:
  channel: {from: {orders: channel}}
metrics:
  revenue: sum(orders.amount where weekday(day) < days)
parameters:
  days: {type: integer, default: 3}
"""


@pytest.fixture
def shop(tmp_path: Path) -> kpidsl.Project:
    (tmp_path / "kpidsl.yml").write_text(
        "project: shop\nlanguage: 1\ninclude: [shop.yml]\n", encoding="utf-8"
    )
    (tmp_path / "shop.yml").write_text(DEFINITIONS, encoding="utf-8")
    return kpidsl.load(tmp_path)


@pytest.mark.parametrize(
    ("parts", "message", "help"),
    [
        ({"by": 3}, "`by` takes a text, or a list of them, and this is an int", 'write `by=["month"]`'),
        ({"by": {"month"}}, "and this is a set", 'write `by=["month"]`'),
        ({"by": ["month", 3]}, "and this is a list with an int", 'write `by=["month"]`'),
        (
            {"by": "month,channel"},
            "`by` takes one name in each text, and this is a text of several",
            'write `by=["month", "channel"]`',
        ),
        ({"by": ["month, channel"]}, "`by` takes one name in each text", 'write `by=["month", "channel"]`'),
        ({"order": "-revenue,month", "by": "month"}, "`order` takes one name", 'write `order=["-revenue", "month"]`'),
        ({"where": 3}, "`where` takes a text, and this is an int", None),
        ({"period": 2026}, "`period` takes a text, or a list of them, and this is an int", 'write `period="2026"`'),
        ({"period": date(2026, 1, 5)}, "and this is a date", 'write `period="2026-01-05"`'),
        ({"having": 3}, "`having` takes a text, and this is an int", 'write `having="revenue > 0"`'),
        ({"top": 3, "by": "channel"}, "`top` takes a text, and this is an int", 'write `top="10 by revenue"`'),
        ({"totals": 3, "by": "channel"}, "`totals` takes True, False", "write `totals=True`"),
        ({"fill": "yes", "by": "month"}, "`fill` takes True or False, and this is a str", "write `fill=True`"),
        ({"as_of": 2026}, "`as_of` takes a text, a date or a datetime, and this is an int", 'write `as_of="2026-08-15"`'),
        ({"partial": True, "as_of": "2026-08-15"}, "`partial` takes a text, and this is a bool", 'write `partial="drop"`'),
        ({"order": 3}, "`order` takes a text", 'write `order=["-revenue"]`'),
        ({"limit": "3"}, "`limit` takes a whole number, and this is a str", "write `limit=3`"),
        ({"limit": True}, "`limit` takes a whole number, and this is a bool", "write `limit=10`"),
        ({"null_label": 3}, "`null_label` takes a text", 'write `null_label="none"`'),
        ({"parameters": 3}, "`parameters` takes a mapping", 'write `parameters={"days": 28}`'),
        ({"parameters": {3: 3}}, "`parameters` takes a mapping", 'write `parameters={"days": 28}`'),
        ({"parameters": {"days": object()}}, "`parameters` takes a mapping", 'write `parameters={"days": 28}`'),
        ({"filter": "channel = 'a'"}, "a query has no part `filter`", "did you mean `where`?"),
        ({"groupby": "month"}, "a query has no part `groupby`", "did you mean `by`?"),
        ({"metrics": ["revenue"]}, "a query has no part `metrics`", "did you mean `kpis`?"),
        ({"perod": "2026"}, "a query has no part `perod`", "did you mean `period`?"),
    ],
)  # fmt: skip
def test_a_part_of_another_type_is_told_with_what_it_takes(
    shop: kpidsl.Project, parts: dict[str, Any], message: str, help: str | None
) -> None:
    with pytest.raises(kpidsl.DefinitionError) as refused:
        shop.query("revenue", **parts)
    (told,) = refused.value.diagnostics
    assert told.code == "query/part"
    assert message in told.message
    if help is None:
        return
    assert told.help == help
    if help.startswith("write"):
        written = eval(f"dict({help.removeprefix('write `').removesuffix('`')})")
        shop.query("revenue", **{**parts, **written}).sql("duckdb")


def test_several_are_told_at_once(shop: kpidsl.Project) -> None:
    wrong: dict[str, Any] = {"by": 3, "where": 3, "rows": 3}
    with pytest.raises(kpidsl.DefinitionError) as refused:
        shop.query("revenue", **wrong)
    assert [told.code for told in refused.value.diagnostics] == ["query/part"] * 3


@pytest.mark.parametrize("kpis", [3, None, ["revenue", 3], {"x": "revenue"}])
def test_kpis_are_texts(shop: kpidsl.Project, kpis: Any) -> None:
    with pytest.raises(kpidsl.DefinitionError) as refused:
        shop.query(kpis)
    assert [told.code for told in refused.value.diagnostics] == ["query/part"]


def test_none_is_what_is_not_asked(shop: kpidsl.Project) -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        (
            "by",
            "where",
            "period",
            "having",
            "top",
            "totals",
            "fill",
            "as_of",
            "partial",
            "order",
            "limit",
            "parameters",
        )
    )
    assert shop.query("revenue", **nothing).sql("duckdb") == shop.query("revenue").sql("duckdb")


def test_dialects_and_connections_are_texts(shop: kpidsl.Project) -> None:
    wrong: Any = 3
    query = shop.query("revenue")
    for ask in (query.sql, query.run):
        with pytest.raises(kpidsl.DefinitionError) as refused:
            ask(wrong)
        assert [told.code for told in refused.value.diagnostics] == ["query/part"]


@pytest.mark.parametrize("ask", [
    lambda shop, wrong: shop.explain(wrong),
    lambda shop, wrong: shop.query("revenue").at(wrong),
    lambda _, wrong: kpidsl.load(wrong),
])  # fmt: skip
@pytest.mark.parametrize("wrong", [5, None, ["revenue"]])
def test_names_instants_and_folders_are_of_their_kind(
    shop: kpidsl.Project, ask: Callable[[kpidsl.Project, Any], object], wrong: Any
) -> None:
    with pytest.raises(kpidsl.DefinitionError) as refused:
        ask(shop, wrong)
    assert [told.code for told in refused.value.diagnostics] == ["query/part"]


def test_a_query_of_nothing_is_told(shop: kpidsl.Project) -> None:
    with pytest.raises(kpidsl.DefinitionError) as refused:
        shop.query(period="2026")
    assert [told.code for told in refused.value.diagnostics] == ["query/nothing-asked"]


def test_what_is_asked_is_shown(shop: kpidsl.Project) -> None:
    query = shop.query("revenue", by="channel", period=["2026-08", "2025-08"], as_of=date(2026, 8, 15))
    shown = "'revenue', by=['channel'], period=['2026-08', '2025-08'], as_of='2026-08-15'"
    assert repr(query) == f"Query({shown})"
    assert eval(f"shop.{repr(query).replace('Query', 'query')}").sql("duckdb") == query.sql("duckdb")
    assert repr(shop) == f"Project({shop.name!r})"


def test_mistakes_stand_at_arguments_and_helps_name_them(shop: kpidsl.Project) -> None:
    asked: list[tuple[str, dict[str, Any], str, str]] = [
        ("x = prior(revenue, 1 month)", {}, "KPI", 'give a period: `period="2026"`'),
        ("revenue", {"fill": True}, "fill", 'by="month"'),
        ("revenue", {"by": "month channel"}, "by", 'by=["month", "channel"]'),
        ("revenue", {"period": "soon"}, "period", ""),
        ("revenue", {"where": "nope = 1"}, "where", ""),
        ("revenue", {"parameters": {"nope": 1}}, "parameters", ""),
    ]
    for kpi, parts, place, help in asked:
        with pytest.raises(kpidsl.DefinitionError) as refused:
            shop.query(kpi, **parts).sql("duckdb")
        (told,) = refused.value.diagnostics
        assert told.primary.span.location().path == place
        assert help in (told.help or "")
        assert "--" not in str(refused.value).replace("-->", "")


def test_what_is_explained_is_known_and_so_is_the_language(shop: kpidsl.Project) -> None:
    wrong: Any = "de"
    with pytest.raises(kpidsl.DefinitionError, match="there is no locale `de`"):
        shop.explain("revenue", locale=wrong)
    with pytest.raises(kpidsl.DefinitionError, match="did you mean `revenue`"):
        shop.explain("revnue")


def test_helps_of_commands_as_arguments() -> None:
    place = Label(Span.of(SourceFile("KPI", "x")), "x")
    rule = unknown(place.span, "x", "x", ()).rule
    for typed, written in (
        ("`--project ../shop`", '`kpidsl.load("../shop")`'),
        ("`--period 2026 --period 2025`", '`period=["2026", "2025"]`'),
        ('`--set "days=1, 2"`', '`parameters={"days": "1, 2"}`'),
        ('`--top "10 by a"`, sorted with `--order -a`', '`top="10 by a"`, sorted with `order="-a"`'),
        ("`--limit 3` or `--by`", "`limit=3` or `by=`"),
        ("compile with `--dialect duckdb`", "compile with `--dialect duckdb`"),
    ):
        assert with_arguments(Diagnostic(rule, "x", place, help=typed)).help == written
