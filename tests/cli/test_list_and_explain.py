"""`kpidsl list` and `kpidsl explain`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpidsl.report.listing import render_listing

from .running import DEFINITIONS, SETTINGS, call, installed, write

NAMES = {
    "datasets": ["orders", "customers", "visits"],
    "dimensions": ["channel", "country"],
    "metrics": ["revenue", "orders_placed", "visits_seen", "last_day"],
    "kpis": ["conversion"],
}


@pytest.mark.parametrize("kind", list(NAMES))
def test_each_kind_is_listed(filled: Path, kind: str) -> None:
    rows = json.loads(call("list", kind, "--format", "json", cwd=filled).out)
    assert sorted(row["name"] for row in rows) == sorted(NAMES[kind])
    assert {row["kind"] for row in rows} == {kind.removesuffix("s")}
    text = call("list", kind, cwd=filled)
    assert (text.code, text.err) == (0, "")
    assert all(name in text.out for name in NAMES[kind])
    assert not any(f" {name} " in text.out for other in NAMES if other != kind for name in NAMES[other])


def test_without_a_kind_everything_is_listed(filled: Path) -> None:
    rows = json.loads(call("list", "--format", "json", cwd=filled).out)
    assert sorted(row["name"] for row in rows) == sorted(name for names in NAMES.values() for name in names)
    assert {"kind": "metric", "name": "revenue", "type": "decimal(38,2)", "label": "Revenue"} in rows
    assert installed("list", cwd=filled).out == call("list", cwd=filled).out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("conversion", ["Conversion", "1.2.0", "orders_placed / visits_seen", "shop@example.com", "channel"]),
        ("revenue", ["Revenue", "sum(orders.amount)", "decimal", "EUR", "country"]),
        ("orders", ["One row per order", "order_id", "decimal(12,2)", "customers"]),
        ("country", ["orders", "customer.country"]),
        ("grain/fan-out", ["grain/fan-out", "## Wrong", "## Right"]),
    ],
)
def test_a_name_or_a_code_is_explained(filled: Path, name: str, said: list[str]) -> None:
    text = call("explain", name, cwd=filled)
    assert (text.code, text.err) == (0, "")
    assert [word for word in said if word not in text.out] == []
    as_json = json.loads(call("explain", name, "--format", "json", cwd=filled).out)
    assert as_json["text"].strip() == text.out.strip()


def test_what_does_not_reach_a_dataset_is_no_group_of_it(filled: Path) -> None:
    assert "country" not in call("explain", "conversion", cwd=filled).out


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("yaml", "formula: orders_placed / visits_seen"),
        ("formula", "orders_placed / visits_seen"),
        ("checked", "float"),
        ("leaves", "count(visits)"),
        ("plan", "Scan visits"),
        ("sql", "FROM visits"),
    ],
)
def test_each_stage_is_shown(filled: Path, stage: str, said: str) -> None:
    text = call("explain", "conversion", "--stage", stage, cwd=filled)
    assert (text.code, text.err) == (0, "")
    assert said in text.out
    as_json = json.loads(call("explain", "conversion", "--stage", stage, "--format", "json", cwd=filled).out)
    assert as_json["stage"] == stage
    assert as_json["text"].strip() == text.out.strip()


def test_the_last_stage_is_what_compile_prints(filled: Path) -> None:
    assert (
        call("explain", "revenue", "--stage", "sql", cwd=filled).out
        == call("compile", "revenue", cwd=filled).out
    )


def test_the_first_stage_is_what_stands_in_the_file(filled: Path) -> None:
    shown = call("explain", "conversion", "--stage", "yaml", cwd=filled).out
    written = (filled / "definitions" / "shop.yml").read_text(encoding="utf-8")
    place, *lines = shown.splitlines()
    assert place == "# definitions/shop.yml:38"
    assert "\n".join("  " + line for line in lines) in written


@pytest.mark.parametrize("name", ["revenu", "no/such-code", "", "/", "\x1b[31m", "a" * 10_000])
def test_an_unknown_name_is_wrong_usage(filled: Path, name: str) -> None:
    done = call("explain", name, cwd=filled)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "\x1b" not in done.err


def test_a_close_name_is_suggested(filled: Path) -> None:
    assert "`revenue`" in call("explain", "revenu", cwd=filled).err
    assert "`grain/fan-out`" in call("explain", "grain/fanout", cwd=filled).err


@pytest.mark.parametrize("stage", ["formula", "checked", "leaves", "plan", "sql"])
@pytest.mark.parametrize("name", ["orders", "country"])
def test_a_dataset_or_a_dimension_has_no_formula(filled: Path, name: str, stage: str) -> None:
    done = call("explain", name, "--stage", stage, cwd=filled)
    assert (done.code, done.out) == (2, "")
    assert call("explain", name, "--stage", "yaml", cwd=filled).code == 0


def test_everything_that_is_listed_is_explained_at_every_stage(filled: Path) -> None:
    for row in json.loads(call("list", "--format", "json", cwd=filled).out):
        assert call("explain", row["name"], cwd=filled).code == 0
        if row["kind"] in ("metric", "kpi"):
            for stage in ("yaml", "formula", "checked", "leaves", "plan", "sql"):
                assert call("explain", row["name"], "--stage", stage, "--by", "month", cwd=filled).code == 0


def test_a_definition_is_explained_under_its_label(filled: Path) -> None:
    by_name = call("explain", "channel", cwd=filled)
    assert call("explain", "SALES  channel", cwd=filled).out == by_name.out
    assert (
        json.loads(call("explain", "Sales-Channel", "--format", "json", cwd=filled).out)["name"] == "channel"
    )


def test_what_several_definitions_are_called_lists_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        DEFINITIONS.replace("last_day: max(orders.day)", "gains: {label: Révenue, formula: count(visits)}"),
    )
    done = call("explain", "revenue ", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "`revenue` (metric), `gains` (metric)" in done.err
    # Its exact name is one definition.
    assert call("explain", "revenue", cwd=tmp_path).code == 0


def test_only_exact_names_are_run(filled: Path) -> None:
    for command in ("run", "compile"):
        done = call(command, "Conversion", cwd=filled)
        assert (done.code, done.out) == (1, "")


def test_the_language_is_the_projects_or_the_one_asked_for(filled: Path) -> None:
    assert "What is computed" in call("explain", "revenue", cwd=filled).out
    french = call("explain", "revenue", "--locale", "fr", cwd=filled).out
    assert "Ce qui est calculé" in french
    (filled / "kpidsl.yml").write_text(SETTINGS + "locale: fr\n", encoding="utf-8")
    assert call("explain", "revenue", cwd=filled).out == french
    assert "What is computed" in call("explain", "revenue", "--locale", "en", cwd=filled).out


def test_a_listing_for_people_is_in_their_language(filled: Path) -> None:
    found = call("list", "--locale", "fr", cwd=filled).out
    assert found.splitlines()[0].split() == ["sorte", "nom", "type", "libellé"]
    assert "jeu de données" in found
    assert " clé " in found
    assert not {"dataset", "metric", "kpi", "key"} & set(found.split())
    asked = ("list", "--format", "json")
    assert call(*asked, "--locale", "fr", cwd=filled).out.count('"kind": "dataset"') == len(NAMES["datasets"])


def test_facts_as_data(filled: Path) -> None:
    facts = json.loads(call("explain", "conversion", "--format", "json", cwd=filled).out)
    assert facts["additivity"] == "ratio"
    assert facts["sample"] == "count(visits)"
    assert facts["grain"] == {"orders": ["order_id"], "visits": ["visit_id"]}
    assert facts["dimensions"] == ["channel"]
    assert facts["rests_on"] == ["orders_placed", "visits_seen"]
    assert facts["reads"] == {"orders": ["day"], "visits": ["day"]}
    orders = json.loads(call("explain", "orders", "--format", "json", cwd=filled).out)
    assert (orders["grain"], orders["joins"]) == (["order_id"], {"customer": "customers"})
    country = json.loads(call("explain", "country", "--format", "json", cwd=filled).out)
    assert country["from"] == {"orders": "customer.country"}


def test_a_search_finds_names_labels_and_synonyms(filled: Path) -> None:
    rows = json.loads(call("list", "--search", "SALÉS chan", "--format", "json", cwd=filled).out)
    assert [row["name"] for row in rows] == ["channel"]
    assert json.loads(call("list", "kpis", "--search", "channel", "--format", "json", cwd=filled).out) == []
    nothing = call("list", "--search", "visits_sean", cwd=filled)
    assert (nothing.code, nothing.out) == (0, "")
    assert "`visits_seen`" in nothing.err


def test_a_listing_fits_forty_columns() -> None:
    rows = [
        {
            "kind": "kpi",
            "name": "average_order_value",
            "type": "decimal(38,2)",
            "label": "Average order value, gross",
        },
        {"kind": "dataset", "name": "orders", "type": "order_id", "label": None},
    ]
    columns = ("kind", "name", "type", "label")
    narrow = render_listing(columns, rows, width=40)
    assert narrow == (
        "average_order_value\n"
        "  kpi · decimal(38,2) · Average order\n"
        "  value, gross\n"
        "orders\n"
        "  dataset · order_id\n"
    )
    wide = render_listing(columns, rows, width=100)
    assert all(len(line) <= 100 for line in wide.splitlines())
    assert "average_order_value decimal(38,2) Average order value, gross" in wide


@pytest.mark.parametrize("kind", list(NAMES))
def test_a_kind_may_be_named_in_the_singular(filled: Path, kind: str) -> None:
    assert call("list", kind.removesuffix("s"), cwd=filled).out == call("list", kind, cwd=filled).out


def test_an_unknown_kind_is_wrong_usage(filled: Path) -> None:
    for word, hint in (("kpiss", "`kpis`"), ("tables", "`kpidsl list datasets`"), ("", "the kinds are")):
        done = call("list", word, cwd=filled)
        assert (done.code, done.out) == (2, "")
        assert hint in done.err


def test_what_by_may_name_is_listed_and_explained(filled: Path) -> None:
    more = "dimensions:\n  bought: {from: {orders: day}}\n"
    more += "calendars:\n  retail:\n    table: days\n    day: day\n"
    more += "    columns: {day: date, week_key: text}\n    grains: {retail_week: week_key}\n"
    (filled / "definitions" / "more.yml").write_text(more, encoding="utf-8")
    rows = json.loads(call("list", "members", "--format", "json", cwd=filled).out)
    names = {row["name"]: row for row in rows}
    assert {"channel", "bought", "month", "retail_week", "weekday", "bought.month", "bought.weekday"} <= {
        *names
    }
    assert [names[name]["type"] for name in ("month", "hour", "weekday", "bought.month", "bought.weekday")] == [
        "date", "timestamp", "integer", "date", "integer",
    ]  # fmt: skip
    for name, row in names.items():
        for locale in ("en", "fr"):
            done = call("explain", name, "--locale", locale, cwd=filled)
            assert (done.code, done.err) == (0, ""), name
            assert f"`{name}`" in done.out
        facts = json.loads(call("explain", name, "--format", "json", cwd=filled).out)
        assert facts["kind"] == row["kind"]
        # A date has no hours.
        code = (
            1
            if name in ("hour", "minute", "hour_of_day")
            or name.endswith((".hour", ".minute", ".hour_of_day"))
            else 0
        )
        assert call("compile", "orders_placed", "--by", name, cwd=filled).code == code, name
    assert "retail_week" in call("list", "calendars", cwd=filled).out
    assert "`week_key`" in call("explain", "retail", cwd=filled).out
    assert call("explain", "retail", "--stage", "yaml", cwd=filled).code == 0
    assert call("explain", "weekday", "--stage", "yaml", cwd=filled).code == 2
    assert "weekday" in call("list", "--search", "weekda", cwd=filled).out


def test_a_search_reads_descriptions(filled: Path) -> None:
    assert "orders" in call("list", "--search", "row per", cwd=filled).out


def test_a_stage_takes_the_parts_of_a_query(filled: Path) -> None:
    parts = ["--by", "month", "--where", "channel = 'email'", "--period", "2026", "--limit", "3", "--totals"]
    shown = call("explain", "revenue", "--stage", "sql", *parts, cwd=filled)
    assert (shown.code, shown.out) == (0, call("compile", "revenue", *parts, cwd=filled).out)


def test_pages_in_french_read_as_french(filled: Path) -> None:
    more = "kpis:\n  ratio:\n    formula: takings / orders_placed\n    label: Rapport d'essai\n"
    more += "    direction: up\n    owner: me\n  takings:\n    formula: sum(orders.amount)\n"
    more += "    label: {fr: Chiffre d'affaires}\n    direction: up\n    owner: me\n"
    (filled / "definitions" / "more.yml").write_text(more, encoding="utf-8")
    page = call("explain", "ratio", "--locale", "fr", cwd=filled).out
    assert "Le rapport entre «\u202fChiffre d’affaires\u202f» (`takings`) et `orders_placed`." in page
    assert "type\u00a0: nombre (`float`)" in page
    assert "'" not in page
    assert "nombre entier (`integer`)" in call("explain", "orders", "--locale", "fr", cwd=filled).out


def test_mistakes_are_told_in_english_whatever_the_locale(filled: Path) -> None:
    told = call("explain", "revenu", "--locale", "fr", cwd=filled).err
    assert told == call("explain", "revenu", cwd=filled).err


ALIKE = """
datasets:
  rides: {table: rides, key: id, time: day, columns: {id: integer, day: date}}
metrics:
  rides: count(rides)
"""


def test_of_a_dataset_and_a_metric_of_one_name_both_can_be_asked_for(tmp_path: Path) -> None:
    shop = write(tmp_path, ALIKE)
    of_metric = call("explain", "rides", cwd=shop)
    assert "`rides` (metric)" in of_metric.out
    assert of_metric.err == "note: there is a dataset `rides` too: `kpidsl explain rides --kind dataset`\n"
    of_dataset = call("explain", "rides", "--kind", "dataset", "--locale", "fr", cwd=shop)
    assert (of_dataset.code, of_dataset.err) == (0, "")
    assert "`rides` (jeu de données)" in of_dataset.out
    of_yaml = call("explain", "rides", "--kind", "dataset", "--stage", "yaml", cwd=shop)
    assert "table: rides" in of_yaml.out
    no_kpi = call("explain", "rides", "--kind", "kpi", cwd=shop)
    assert (no_kpi.code, "there is no kpi `rides`" in no_kpi.err) == (2, True)


def test_two_sides_of_a_quotient_stand_apart_where_one_sentence_would_not_tell_them(tmp_path: Path) -> None:
    formula = "count(rides at until) / (count(rides) + count(rides where id > 1))"
    dated = ALIKE.replace("day: date}", "day: date, until: date}")
    shop = write(tmp_path, f"{dated}  returned: {formula}\n")
    said = call("explain", "returned", cwd=shop).out
    assert "  - numerator: the number of rows of `rides`, placed in time by `until`\n" in said
    assert "  - denominator: (the number of rows of `rides`) + (" in said
    told = call("explain", "returned", "--locale", "fr", cwd=shop).out
    assert "  - dénominateur\u00a0: (le nombre de lignes de `rides`) + (" in told


def test_one_dataset_reaches_a_dimension_and_several_reach_it(tmp_path: Path) -> None:
    refunds = "{table: refunds, key: id, columns: {id: integer}, joins: {ride: {to: rides, using: id}}}"
    definitions = f"dimensions: {{station: {{from: {{rides: id}}}}}}\n{ALIKE}"
    one = definitions.replace("metrics:", f"  refunds: {refunds}\nmetrics:")
    two = one.replace("metrics:", f"  repairs: {refunds.replace('refunds', 'repairs')}\nmetrics:")
    shop = write(tmp_path, one)
    assert "`refunds` reaches it over a join" in call("explain", "station", cwd=shop).out
    assert "`refunds` l’atteint par" in call("explain", "station", "--locale", "fr", cwd=shop).out
    shop = write(tmp_path, two)
    assert "`refunds` and `repairs` reach it" in call("explain", "station", cwd=shop).out
    assert "l’atteignent par" in call("explain", "station", "--locale", "fr", cwd=shop).out


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "Who reads it\n  the targets of `revenue_plan`\n"), ("fr", "Qui le lit\n  les cibles de `revenue_plan`\n")],
)  # fmt: skip
def test_rows_of_targets_are_read_by_their_objective(locale: str, said: str) -> None:
    boutique = Path(__file__).resolve().parents[2] / "examples" / "boutique"
    assert said in call("explain", "revenue_targets", "--locale", locale, cwd=boutique).out
