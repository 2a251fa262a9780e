"""How values are computed, in words: each form of a plan, for the question that is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpidsl
from kpidsl.plan.forms import Search, Way
from kpidsl.words.english import ENGLISH
from kpidsl.words.explaining import LANGUAGES
from kpidsl.words.french import FRENCH
from kpidsl.words.language import Language, Locale

DEFINITIONS = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: ordered_at
    columns: {order_id: integer, ordered_at: timestamp, customer_id: integer, amount: integer, shop: text}
  visits:
    table: visits
    key: visit_id
    time: visited_at
    columns: {visit_id: integer, visited_at: timestamp, customer_id: integer, shop: text}
dimensions:
  shop: {type: text, from: {orders: shop, visits: shop}}
metrics:
  revenue: sum(orders.amount)
  buyers: count_distinct(orders.customer_id)
  spending: avg(sum(orders.amount) per customer_id)
  loyal: count_distinct(orders.customer_id having count(orders) >= 2)
  last_weeks: rolling(revenue, 28 days)
  yearly: growth(revenue, 1 year)
  active: rolling(buyers, 28 days)
  ever: cumulative(buyers)
  usual: rolling(median(orders.amount), 7 days)
  shares: share(revenue across shop)
  compared: (revenue where shop = 'a') / (revenue where shop = 'b')
  visitors: count_distinct(orders.customer_id where customer_id in cumulative(values(visits.customer_id)))
  back: count_distinct(orders.customer_id where customer_id in prior(values(orders.customer_id), 1 month))
  returns: count(orders where customer_id in prior(values(orders.customer_id), 1 month))
  known: count(orders where customer_id in values(visits.customer_id))
  old: {formula: sum(orders.amount), maturity: 7 days}
  by_shop: {formula: sum(orders.amount), requires: [shop]}
"""
FORMS = [
    ("revenue", (), "- `revenue`: from the rows of each group"),
    (
        "spending",
        (),
        "- `spending`: one value for each `customer_id` first, then over these\n"
        "    - `sum(orders.amount)`: from the rows of each group",
    ),
    (
        "loyal",
        (),
        "- `loyal`: one value for each `customer_id` first, then over these\n"
        "    - `count_distinct(orders.customer_id having count(orders) >= 2)`: from the rows",
    ),
    ("last_weeks", (), "- `rolling(revenue, 28 days)`: by day first, then together over each window"),
    ("last_weeks", ("year",), "- `rolling(revenue, 28 days)`: by day first"),
    (
        "yearly",
        (),
        "- in one read of `orders`:\n"
        "    - `prior(revenue, 1 year)`: by month first, each window being one of these as a whole\n"
        "    - `revenue`: from the rows of each group",
    ),
    ("active", (), "- `rolling(buyers, 28 days)`: each value counts from a row that holds it until the next"),
    ("ever", (), "- `cumulative(buyers)`: each value counts from the first month on whose window holds it"),
    (
        "ever",
        ("day",),
        "- `cumulative(buyers)`: each value counts from the first day on whose window holds it",
    ),
    ("usual", (), "- `rolling(median(orders.amount), 7 days)`: from the rows in each window"),
    ("shares", (), "- `total(revenue across shop)`: from the rows of the result"),
    ("compared", (), "    - `revenue`, counting only where `shop` is “b”: from the rows of each group"),
    ("visitors", (), "- values are looked up in a set of `visits` that is gathered once, with the time"),
    ("back", (), "- `back`: each value once first, with every month in which it has rows"),
    ("returns", (), "- values are looked up in a set of `orders` that is gathered once, by the buckets"),
    ("known", ("shop",), "- values are looked up in a set of `visits` that is gathered once"),
    ("old", (), "How it is computed when asked by `month`\n  - `old`: from the rows of each group"),
    ("by_shop", (), "How it is computed when asked by `month` and `shop`"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> kpidsl.Project:
    folder = tmp_path_factory.mktemp("forms")
    (folder / "definitions").mkdir()
    (folder / "kpidsl.yml").write_text("project: forms\nlanguage: 1\n", encoding="utf-8")
    (folder / "definitions" / "all.yml").write_text(DEFINITIONS, encoding="utf-8")
    return kpidsl.load(folder)


@pytest.mark.parametrize("language", [ENGLISH, FRENCH])
def test_every_form_has_words(language: Language) -> None:
    rows = {f"form {way.value}" for way in Way} | {f"search {search.value}" for search in Search}
    assert rows - language.sentences.keys() == set()


@pytest.mark.parametrize(("name", "by", "said"), FORMS)
def test_a_page_says_how_values_are_computed(
    project: kpidsl.Project, name: str, by: tuple[str, ...], said: str
) -> None:
    page = project.explain(name, by=by) if by else project.explain(name)
    assert said in page, page


@pytest.mark.parametrize("locale", list(LANGUAGES))
def test_each_question_has_its_own_answer(project: kpidsl.Project, locale: Locale) -> None:
    """A shift is one whole bucket, but not where an instant cuts one; without groups nothing is in pieces."""
    whole = project.explain("yearly", by="month", locale=locale)
    cut = project.explain("yearly", by="month", as_of="2026-03-10 12:00", locale=locale)
    alone = project.explain("yearly", period="2026-02", locale=locale)
    word = {"en": "cuts", "fr": "coupe"}[locale]
    assert word in cut
    assert word not in whole
    assert {"en": "from all its rows", "fr": "depuis toutes ses lignes"}[locale] in alone


def test_nothing_is_said_where_a_metric_cannot_be_asked_without_more(tmp_path: Path) -> None:
    (tmp_path / "kpidsl.yml").write_text("project: p\nlanguage: 1\ninclude: [a.yml]\n", encoding="utf-8")
    (tmp_path / "a.yml").write_text(
        DEFINITIONS
        + "  big: count(orders where amount > floor_of)\nparameters: {floor_of: {type: integer}}\n",
        encoding="utf-8",
    )
    found = kpidsl.load(tmp_path)
    assert "How it is computed" not in found.explain("big")
    assert "How it is computed" in found.explain("big", parameters={"floor_of": 3}, by="month")
