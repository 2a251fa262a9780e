"""Long figures in sentences of their own, and what a missing key and a comparable day are."""

from __future__ import annotations

import pytest

import kpidsl
from kpidsl.words.page import Line, Page, Section, render_page

DEFINITIONS = """\
calendars:
  trading:
    table: trading
    day: day
    comparable: like_day
    columns: {day: date, like_day: date}
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_at
    columns: {order_id: integer, ordered_at: timestamp, customer_id: integer, amount: integer, status: text}
  visits:
    table: visits
    key: visit_id
    time: visited_at
    columns: {visit_id: integer, visited_at: timestamp, customer_id: integer, seconds: integer}
metrics:
  revenue: sum(orders.amount)
  yearly: growth(revenue, 1 year comparable)
  per_customer: avg(sum(orders.amount) per customer_id)
  per_day: avg(revenue per day)
  paid_share: count(orders where status = 'paid') / count(orders)
  cost: revenue / sum(visits.seconds)
  converted: count(visits where followed_by(orders per customer_id within 7 days)) / count(visits)
  lost: count(visits where not followed_by(orders per customer_id within 7 days))
  by_guests: count(visits where customer_id not in values(orders.customer_id))
  kept: count_distinct(orders.customer_id where customer_id in prior(values(orders.customer_id), 1 month))
  gained: count_distinct(orders.customer_id where customer_id not in prior(values(orders.customer_id), 1 month))
  with_guests: avg(sum(orders.amount) per customer_id including null)
"""
SAID = [
    ("yearly", "- comparable days: each day compares with its `like_day` in the calendar `trading`"),
    ("per_customer", "The mean of (the sum of `amount` over the rows of `orders`) over the values of"),
    ("per_customer", "- a missing `customer_id` is nobody, and left out"),
    ("per_day", "The mean of `revenue` over the days of the window."),
    (
        "paid_share",
        "A ratio of two figures.\n  - numerator: the number of rows of `orders` where `status` is",
    ),
    ("cost", "`revenue` divided by the sum of `seconds`"),
    ("cost", "The smallest of these:\n  - the number of values of `amount` in the rows of `orders`\n"),
    ("converted", "- rows of `visits` without `customer_id` match no other row: a missing `customer_id` is"),
    ("lost", "match no other row, so they satisfy what is asked in the"),
    ("by_guests", "are in no set, so they satisfy what is asked in the"),
    ("kept", "- rows of `orders` without `customer_id` are in no set: a missing `customer_id` is nobody"),
]
UNSAID = [("with_guests", "nobody"), ("gained", "in the negative"), ("revenue", "nobody")]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> kpidsl.Project:
    folder = tmp_path_factory.mktemp("sentences")
    (folder / "definitions").mkdir()
    (folder / "kpidsl.yml").write_text("project: s\nlanguage: 1\n", encoding="utf-8")
    (folder / "definitions" / "all.yml").write_text(DEFINITIONS, encoding="utf-8")
    return kpidsl.load(folder)


@pytest.mark.parametrize(("name", "said"), SAID)
def test_a_page_says(project: kpidsl.Project, name: str, said: str) -> None:
    page = project.explain(name)
    assert said in page, page


@pytest.mark.parametrize(("name", "said"), UNSAID)
def test_a_page_does_not_say(project: kpidsl.Project, name: str, said: str) -> None:
    assert said not in project.explain(name)


def test_a_figure_inside_a_sentence_is_short(project: kpidsl.Project) -> None:
    """A sentence about a long figure has it as it is written in the formula."""
    assert "\n  - rows of `orders` without `customer_id` are passed over\n" in project.explain("kept")


def test_a_number_and_its_unit_are_on_one_line() -> None:
    text = "aaa bbb ccc ddd eee 28 days fff"
    page = Page("Title of many words that go on", None, (Section("Heading of many words", (Line(text),)),))
    lines = render_page(page, 24).splitlines()
    assert [line.strip() for line in lines] == [
        "Title of many words that",
        "go on",
        "",
        "Heading of many words",
        "aaa bbb ccc ddd eee",
        "28 days fff",
    ]


def test_a_long_title_is_broken_before_its_brackets() -> None:
    page = Page("Cost per acquisition (KPI `cost`)", None, ())
    assert render_page(page, 30) == "Cost per acquisition\n(KPI `cost`)\n"
    assert render_page(page, 40) == "Cost per acquisition (KPI `cost`)\n"
