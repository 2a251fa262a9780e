"""Words of SQL, of spreadsheets and of DAX: each is told with what is written here, and that is right if followed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .running import call, write
from .test_helps import help_of

TABLES = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: day
    columns: {order_id: integer, customer_id: integer, day: date, st: text, channel: text, amount: "decimal(10,2)"}
    joins:
      customer: {to: customers, using: customer_id}
  visits:
    table: visits
    key: visit_id
    time: day
    columns: {visit_id: integer, day: date, customer_id: integer, channel: text}
  customers:
    table: customers
    key: customer_id
    columns: {customer_id: integer, country: text}
dimensions:
  channel: {from: {orders: channel, visits: channel}}
metrics:
  revenue: sum(orders.amount)
  placed: count(orders)
"""

WHOLE = [
    ("SUM(orders.amount) / COUNT(orders)", "sum(orders.amount) / count(orders)"),
    ("SUM(orders.amount WHERE st = 'Paid' AND amount > 5)", "sum(orders.amount where st = 'Paid' and amount > 5)"),
    ("CASE WHEN revenue > 5 THEN 1 ELSE 0 END", "case when revenue > 5 then 1 else 0 end"),
    ("count(orders where amount BETWEEN 1 AND 5)", "count(orders where amount between 1 and 5)"),
    ("SUM(CASE WHEN orders.st = 'paid' THEN orders.amount END)", None),
    ("COUNT(DISTINCT orders.customer_id)", "count_distinct(orders.customer_id)"),
    ("DISTINCT orders.customer_id", "count_distinct(orders.customer_id)"),
    ("COUNT(DISTINCT CASE WHEN st = 'paid' THEN orders.customer_id END)", "count_distinct(orders.customer_id where st = 'paid')"),
    ("AVERAGE(orders.amount)", "avg(orders.amount)"),
    ("SUMIF(orders.st, 'paid', orders.amount)", "sum(orders.amount where orders.st = 'paid')"),
    ("SUMIF(orders.amount, '>5')", "sum(orders.amount where orders.amount > 5)"),
    ("SUMIFS(orders.amount, orders.st, 'paid', orders.channel, '<>web')", "sum(orders.amount where orders.st = 'paid' and orders.channel != 'web')"),
    ("COUNTIF(orders.st, 'paid')", "count(orders where orders.st = 'paid')"),
    ("COUNTIFS(orders.st, 'paid', orders.amount, '>=5')", "count(orders where orders.st = 'paid' and orders.amount >= 5)"),
    ("AVERAGEIF(orders.st, 'paid', orders.amount)", "avg(orders.amount where orders.st = 'paid')"),
    ("sum_if(orders.amount, orders.st = 'paid')", "sum(orders.amount where orders.st = 'paid')"),
    ("sum(orders.amount, st = 'paid')", "sum(orders.amount where st = 'paid')"),
    ("sum(orders.amount) if st = 'paid'", "sum(orders.amount where st = 'paid')"),
    ("sum(orders.amount if st = 'paid')", "sum(orders.amount where st = 'paid')"),
    ("DIVIDE(revenue, placed)", "revenue / placed"),
    ("CALCULATE(revenue, channel = 'web')", "revenue where channel = 'web'"),
    ("SUMX(orders, amount)", "sum(orders.amount)"),
    ("SUMX(orders, orders.amount * 2)", "sum(orders.amount * 2)"),
    ("COUNTROWS(orders)", "count(orders)"),
    ("DISTINCTCOUNT(orders.customer_id)", "count_distinct(orders.customer_id)"),
    ("TOTALYTD(revenue, orders.day)", "to_date(revenue, year)"),
    ("SAMEPERIODLASTYEAR(revenue)", "prior(revenue, 1 year)"),
    ("IFERROR(revenue / placed, 0)", "coalesce(revenue / placed, 0)"),
    ("IIF(revenue > 0, 1, 0)", "case when revenue > 0 then 1 else 0 end"),
    ("NVL(revenue, 0)", "coalesce(revenue, 0)"),
    ("ISNULL(revenue)", "revenue is null"),
    ("lag(revenue, 1 month)", "prior(revenue, 1 month)"),
    ("avg(sum(orders.amount)) per customer_id", "avg(sum(orders.amount) per customer_id)"),
    ("avg(revenue) per channel", "avg(revenue per channel)"),
    ("avg(revenue by channel)", "avg(revenue per channel)"),
    ("share(revenue by channel)", "share(revenue across channel)"),
    ("avg(revenue over 7 days)", "rolling(revenue, 7 days)"),
    ("count(orders where customer_id in (select customer_id from visits))", None),
    ("SOMME(orders.amount)", "sum(orders.amount)"),
    ("moyenne(orders.amount)", "avg(orders.amount)"),
    ("MÉDIANE(orders.amount)", "median(orders.amount)"),
    ("ECARTYPE.STANDARD(orders.amount)", "stddev(orders.amount)"),
    ("NBVAL(orders.st)", "count(orders.st)"),
    ('NB.SI(orders.st; "paid")', "count(orders where orders.st = 'paid')"),
    ('SOMME.SI(orders.st; "paid"; orders.amount)', "sum(orders.amount where orders.st = 'paid')"),
    ('MOYENNE.SI.ENS(orders.amount; orders.st; "paid")', "avg(orders.amount where orders.st = 'paid')"),
    ("SI(revenue > 0,5; 1; 0)", "case when revenue > 0.5 then 1 else 0 end"),
    ("ARRONDI(revenue; 2)", "round(revenue, 2)"),
    ("SIERREUR(revenue / placed; 0)", "coalesce(revenue / placed, 0)"),
    ("coalesce(revenue; 0)", "coalesce(revenue, 0)"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "written"), WHOLE)
def test_what_is_written_here_is_told_and_right(tmp_path: Path, formula: str, written: str | None) -> None:
    folder = write(tmp_path, TABLES)
    period = ("--period", "2026-01", "--by", "channel,month")
    said = call("compile", f"x = {formula}", *period, cwd=folder)
    assert said.code == 1
    assert said.err.endswith("\n1 error\n")
    if written is None:
        return
    offered = re.search(r"write `([^`]+)`", help_of(said.err))
    assert offered is not None
    assert offered[1] == written
    assert call("compile", f"x = {written}", *period, cwd=folder).code == 0


@pytest.mark.parametrize(
    ("formula", "place", "help"),
    [
        ("COALESCE(revenue, 0)", "COALESCE", "write `coalesce`"),
        ("count(orders where st LIKE 'p%')", "LIKE", "write `like`"),
        ("count(orders where st = Paid)", "Paid", "write `'Paid'` if it is a text, `paid` if it is a name"),
        ("revenue GROUP BY channel, st", "GROUP BY channel, st", "leave it out, and ask with `--by channel,st`"),
        ("cumulative(revenue) by year", "by year", "leave it out, and ask with `--by year`"),
        ("revenue HAVING revenue > 2", "HAVING revenue > 2", 'leave it out, and ask with `--having "NAME > 2"`;'),
        ("revenue ORDER BY channel", "ORDER BY channel", "leave it out, and ask with `--order NAME`, or"),
        ("revenue DESC", "DESC", "leave it out, and ask with `--order -NAME`"),
        ("revenue LIMIT 10", "LIMIT 10", "leave it out, and ask with `--limit 10`"),
        ("revenue AS takings", "AS takings", "leave it out; the name is the key in YAML, and `takings = …` on"),
        ("orders JOIN customers", "JOIN customers", "say it under `joins:` of the dataset;"),
        ("CAST(sum(orders.amount) AS integer)", "CAST(sum(orders.amount) AS integer", "leave `cast` out;"),
        (
            "count(orders where CAST(ordered_at AS date) = 2026-01-31)",
            "CAST(ordered_at AS date)",
            "write `date_trunc(day, ordered_at)`",
        ),
        (
            "count(orders where ordered_at::date = 2026-01-31)",
            "ordered_at::date",
            "write `date_trunc(day, ordered_at)`",
        ),
        (
            "count(orders where ordered_on is 2026-01-31)",
            "ordered_on is 2026-01-31",
            "write `ordered_on = 2026-01-31`",
        ),
        (
            "count(orders where ordered_on is not 2026-01-31)",
            "ordered_on is not 2026-01-31",
            "write `ordered_on != 2026-01-31`",
        ),
        (
            "count(orders where customer_id NOT IN (SELECT customer_id FROM visits WHERE channel = 'x'))",
            "customer_id NOT IN (SELECT customer_id FROM visits WHERE channel = 'x')",
            "write `customer_id not in values(visits.customer_id where channel = 'x')`",
        ),
        (
            "count(orders where exists (select 1 from visits))",
            "exists (select 1 from visits))",
            "write `customer_id in values(visits.customer_id)`, or `preceded_by(visits per customer_id)`",
        ),
        (
            "count(visits where followed_by(orders per customer_id in 7 days))",
            "in 7 days",
            "write `within 7 days`",
        ),
        ("count(visits where followed_by(orders for 7 days))", "for 7 days", "write `within 7 days`"),
        ("sum(revenue rows 3 preceding)", "rows 3 preceding)", "the window of the last days is `rolling("),
        ("row_number(revenue)", "row_number(revenue)", 'ask for the first of a result with `--top "10 by revenue"`'),
        ("rank(revenue)", "rank", "a row's place is `row_number(per … order by …)`,"),
        ("RANK() OVER (ORDER BY revenue)", "OVER (ORDER BY revenue)", "in a column's formula end the brackets"),
        ("VLOOKUP(orders.customer_id, customers)", "VLOOKUP", "a joined row's column is named by the join,"),
        ("string_agg(orders.st)", "string_agg", "a formula gives one value; several are the rows of a query"),
    ],
)  # fmt: skip
def test_it_is_told_at_its_place(tmp_path: Path, formula: str, place: str, help: str) -> None:
    said = call("compile", f"x = {formula}", cwd=write(tmp_path, TABLES))
    assert said.err.endswith("\n1 error\n")
    start = formula.index(place)
    assert f" --> KPI:1:{start + 5}\n" in said.err
    assert f"|     {' ' * start}{'^' * min(len(place), 90 - start)}" in said.err.replace(
        "\n  |     ", "\n  |     "
    )
    assert help_of(said.err).startswith(help)


@pytest.mark.parametrize(
    ("formula", "place", "written"),
    [
        ("count(orders where st in 'paid', 'sent')", "in 'paid', 'sent'", "in ('paid', 'sent')"),
        ("count(orders where st in ['paid'])", "in ['paid']", "in ('paid')"),
        ('count(orders where st in ["paid", "sent"])', 'in ["paid", "sent"]', "in ('paid', 'sent')"),
        ("count(orders where amount not in 1, 2)", "in 1, 2", "in (1, 2)"),
        ("{{ ref('revenue') }} / placed", "{{ ref('revenue') }}", "revenue"),
        ("placed / {{metric(\"revenue\")}}", '{{metric("revenue")}}', "revenue"),
        ("{{ ref('shop', 'revenue') }} / placed", "{{ ref('shop', 'revenue') }}", "revenue"),
        ("count(orders where {{ Dimension('order__st') }} = 'a')", "{{ Dimension('order__st') }}", "st"),
        ("metrics.revenue / placed", "metrics.revenue", "revenue"),
        ("kpis.revenue", "kpis.revenue", "revenue"),
    ],
)  # fmt: skip
def test_what_is_offered_stands_in_its_place(tmp_path: Path, formula: str, place: str, written: str) -> None:
    folder = write(tmp_path, TABLES)
    said = call("compile", f"x = {formula}", "--by", "month", cwd=folder)
    assert said.err.endswith("\n1 error\n")
    assert help_of(said.err).startswith(f"write `{written}`")
    mended = formula.replace(place, written)
    assert call("compile", f"x = {mended}", "--by", "month", cwd=folder).code == 0


@pytest.mark.parametrize(
    ("table", "help"),
    [
        ("\"{{ ref('orders') }}\"", "a table stands by its own name, without a template: `table: orders`;"),
        ("\"{{ source('raw', 'orders') }}\"", "a table stands by its own name, without a template: `table: raw.orders`"),
        ("{{ ref('orders') }}", "write `orders`"),
        ("{{ source('raw', 'orders') }}", "write `raw.orders`"),
    ],
)  # fmt: skip
def test_a_table_of_dbt_is_told_by_its_name(tmp_path: Path, table: str, help: str) -> None:
    said = call("check", cwd=write(tmp_path, TABLES.replace("table: orders", f"table: {table}", 1)))
    assert said.err.endswith("\n1 error\n")
    assert help_of(said.err).startswith(help)


def test_a_formula_of_dbt_without_quotes_is_told_whole(tmp_path: Path) -> None:
    formula = "  rate: {{ metric('revenue') }} / placed\n"
    said = call("check", cwd=write(tmp_path, TABLES + formula))
    assert said.err.endswith("\n1 error\n")
    assert help_of(said.err) == "write `revenue / placed`"
    assert call("check", cwd=write(tmp_path, TABLES + "  rate: revenue / placed\n")).code == 0


def test_a_query_of_sql_is_told_as_one(tmp_path: Path) -> None:
    said = call("compile", "x = SELECT SUM(amount) FROM orders", cwd=write(tmp_path, TABLES))
    assert help_of(said.err) == (
        "write the aggregate alone, for example `sum(orders.amount where status = 'paid')`"
    )
