"""`kpidsl bind` on tables that are called in French, with accents, blanks and numbers, and what is asked of them then."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tests.binding.projects import asked, with_tables, written
from tests.cli.running import call

TABLES = """
create table "T_Commandes" (
  "N° Commande" bigint, "Code Client" varchar, "Date de la commande" timestamp, "Annulée le" timestamp,
  "Montant TTC" decimal(10,2), "Remise" decimal(10,2), TVA decimal(10,2), "Frais de port" decimal(10,2), "Devise" varchar
);
insert into "T_Commandes" values
  (1, 'A', '2026-05-02 09:30', null, 120, 0, 20, 5, 'EUR'),
  (2, 'A', '2026-05-20 10:00', null, 60, 5, 10, 5, 'EUR'),
  (3, 'B', '2026-06-02 10:00', '2026-06-03 10:00', 99, 0, 16, 5, 'EUR'),
  (4, 'B', '2026-06-05 10:00', null, 48, 0, 8, 0, 'EUR');
create table "T_Lignes" ("N° Ligne" bigint, "N° Commande" bigint, "Réf Produit" varchar, "Qté" integer);
insert into "T_Lignes" values (1, 1, 'P1', 2), (2, 2, 'P1', 1), (3, 4, 'P2', 1);
create table clients ("Code Client" varchar, "Créé le" timestamptz, pays varchar, "E-mail" varchar);
insert into clients values ('A', '2026-01-01 00:00+00', 'FR', 'a'), ('B', '2026-02-01 00:00+00', 'BE', 'b');
create table campagnes_google (
  jour date, compte varchar, campagne varchar, groupe varchar, annonce varchar, impressions bigint, clics bigint, "coût" double
);
insert into campagnes_google values ('2026-05-02', 'c', 'k', 'g', 'a', 1000, 20, 12.5);
create table visites (id_visite varchar, id_visiteur varchar, debut timestamp, fin timestamp, pages integer);
insert into visites values ('s', 'v', '2026-05-02 09:00', '2026-05-02 09:10', 3);
create table avis (id_avis bigint, note integer, date_avis timestamp);
insert into avis values (1, 5, '2026-05-05'), (2, 2, '2026-05-06');
create table remboursements (id bigint, commande bigint, date_remboursement timestamp, montant decimal(10,2));
insert into remboursements values (1, 2, '2026-05-25 10:00', 20);
"""


def bound(folder: Path) -> tuple[str, dict[str, Any]]:
    url = with_tables(folder, "duckdb", TABLES)
    done = call(
        "bind", "marketing", "--connection", url, "--locale", "fr", "--timezone", "Europe/Paris", cwd=folder
    )
    assert done.code == 0, done.err
    written(folder, {"kpidsl.yml": done.out})
    assert call("check", "--connection", cwd=folder).code == 0
    return url, yaml.safe_load(done.out)


def columns_of(found: dict[str, Any], dataset: str) -> dict[str, str]:
    """Return the table's columns by the lexicon's, of those that have another name."""
    columns = found["bind"][dataset].get("columns", {})
    named = {
        name: one.get("column", one.get("sql")) if isinstance(one, dict) else one
        for name, one in columns.items()
    }
    return {name: str(own).strip('"') for name, own in named.items()}


def test_french_names_lead_to_the_lexicons(tmp_path: Path) -> None:
    _, found = bound(tmp_path)
    assert columns_of(found, "orders") == {
        "order_id": "N° Commande",
        "customer_id": "Code Client",
        "ordered_at": "Date de la commande",
        "cancelled_at": "Annulée le",
        "discount_amount": "Remise",
        "shipping_amount": "Frais de port",
        "tax_amount": "TVA",
        "currency": "Devise",
    }
    assert columns_of(found, "order_lines") == {
        "order_line_id": "N° Ligne",
        "order_id": "N° Commande",
        "product_id": "Réf Produit",
        "quantity": "Qté",
    }
    assert columns_of(found, "customers")["customer_id"] == "Code Client"
    assert columns_of(found, "customers")["created_at"] == "Créé le\" AT TIME ZONE 'UTC'"
    assert columns_of(found, "ad_performance") == {
        "served_on": "jour",
        "account_id": "compte",
        "campaign_id": "campagne",
        "ad_group_id": "groupe",
        "ad_id": "annonce",
        "clicks": "clics",
        "spend_amount": "coût",
    }
    assert columns_of(found, "sessions") == {
        "session_id": "id_visite",
        "visitor_id": "id_visiteur",
        "started_at": "debut",
        "ended_at": "fin",
        "pageviews": "pages",
    }
    assert columns_of(found, "reviews") == {
        "review_id": "id_avis",
        "created_at": "date_avis",
        "rating": "note",
    }
    assert columns_of(found, "refunds") == {
        "refund_id": "id",
        "order_id": "commande",
        "refunded_at": "date_remboursement",
        "refunded_amount": "montant",
    }


def test_formulas_read_bound_columns_by_plain_names(tmp_path: Path) -> None:
    url, found = bound(tmp_path)
    orders = found["bind"]["orders"]
    gross = "montant_ttc - tva - frais_de_port + remise"
    orders["columns"] |= {"is_test": False, "refunded_amount": 0, "gross_amount": gross, "rate": 1}
    orders["lacks"] = ["session_id", "cart_id"]
    written(tmp_path, {"kpidsl.yml": yaml.safe_dump(found, allow_unicode=True, sort_keys=False)})
    assert call("check", "--connection", cwd=tmp_path).code == 0
    # 120 - 20 - 5, and 60 - 10 - 5 + 5 less 5 of discount; in June 48 - 8, as the third was cancelled.
    rows = asked(
        tmp_path, url, ["net_revenue_by_order_date", "average_order_value"], by=["month"], as_of="2026-07-01"
    )
    assert [
        (row["month"], float(row["net_revenue_by_order_date"]), row["average_order_value"]) for row in rows
    ] == [
        (date(2026, 5, 1), 140.0, 70.0),
        (date(2026, 6, 1), 40.0, 40.0),
    ]


def test_two_columns_of_one_plain_name_are_told_apart_by_hand(tmp_path: Path) -> None:
    _, found = bound(tmp_path)
    orders = found["bind"]["orders"]
    orders["columns"] |= {"discount_amount": {"column": '"T.V.A."'}, "tax_amount": {"column": '"T V A"'}}
    orders["columns"]["gross_amount"] = "montant_ttc - t_v_a"
    orders["lacks"].remove("gross_amount")
    written(tmp_path, {"kpidsl.yml": yaml.safe_dump(found, allow_unicode=True, sort_keys=False)})
    told = " ".join(call("check", cwd=tmp_path).err.split())
    assert "error[bind/own-column]: the type of the table's column `t_v_a` is not told" in told
