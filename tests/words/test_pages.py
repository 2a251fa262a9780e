"""Whole pages: what must be on them, for every definition that ships and in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copytree

import pytest

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.model.grains import GRAINS
from kpidsl.model.types import parse_type
from kpidsl.semantics.check import CheckedProject
from kpidsl.words.data import dataset_facts
from kpidsl.words.explaining import LANGUAGES, explained, page_of
from kpidsl.words.finding import Candidate, candidates, close, find, search
from kpidsl.words.language import Locale
from tests.answers import checked, write_project
from tests.semantics.shop import shop

ROOT = Path(__file__).resolve().parents[2]
BOTH = pytest.mark.parametrize("locale", list(LANGUAGES))


def boutique() -> CheckedProject:
    checked = load(ROOT / "examples" / "boutique", Sink())
    assert checked is not None
    return checked


def marketing(folder: Path) -> CheckedProject:
    copytree(ROOT / "definitions" / "marketing", folder / "definitions")
    (folder / "kpidsl.yml").write_text("project: m\nlanguage: 1\n", encoding="utf-8")
    checked = load(folder, Sink())
    assert checked is not None
    return checked


def text(project: CheckedProject, name: str, locale: Locale, width: int = 100) -> str:
    (found,) = find(project.project, name)
    return explained(project, found, locale, width)


@BOTH
@pytest.mark.parametrize("width", [40, 80, 200])
def test_every_definition_that_ships_has_a_page(locale: Locale, width: int, tmp_path: Path) -> None:
    for project in (boutique(), marketing(tmp_path), shop()):
        for one in candidates(project.project):
            page = explained(project, one, locale, width)
            assert not re.search(r"\{\w*\}|None|Bound|RowColumn", page), page
            for line in page.splitlines():
                # Only a single word may stick out.
                assert len(line) <= width or " " not in line.strip().removeprefix("- "), line


@BOTH
def test_a_page_of_words_is_the_same_in_content_in_both_languages(locale: Locale) -> None:
    """Names of the project stand in both; a sentence that one language lacks would be missed here."""
    project = boutique()
    for one in candidates(project.project):
        shapes = [
            [(len(section.lines)) for section in page_of(project, one, language).sections]
            for language in LANGUAGES
        ]
        assert shapes[0] == shapes[1], one.name
        names = [
            set(re.findall(r"`[^`]*`", explained(project, one, language, 10_000))) for language in LANGUAGES
        ]
        # French adds the word by which a definition or a query says it.
        words = {name for name in names[1] if name[1:-1] in GRAINS or parse_type(name[1:-1]) is not None}
        assert names[0] ^ names[1] <= words, one.name
    assert locale in LANGUAGES


def test_a_ratio_of_two_metrics() -> None:
    said = text(shop(), "basket", "en")
    for sentence in (
        "Revenue (`revenue`) divided by `paid`.",
        "- `amount` is computed on each row of `orders`: `price` × `quantity`. What the goods cost",
        "- rows of `orders` where `is_test` is true: whatever is asked of this dataset",
        "- rows of `orders` where `status` is not “paid”, or is missing",
        "- where a denominator is 0 or null the value is null: never an error, never infinity",
        "No. It is a ratio:",
        "The number of rows of `orders` where `status` is “paid”.",
        "cut in the zone Europe/Paris",
    ):
        assert sentence in said, (sentence, said)


def test_a_ratio_in_french() -> None:
    said = text(shop(), "basket", "fr")
    narrow, wide = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
    for sentence in (
        f"Le rapport entre «{narrow}Chiffre d’affaires{narrow}» (`revenue`) et `paid`.",
        f"les lignes de `orders` où `status` ne vaut pas «{narrow}paid{narrow}», ou est absent",
        f"- `amount` se calcule sur chaque ligne de `orders`{wide}: `price` × `quantity`",
        "Non. C’est un rapport",
    ):
        assert sentence in said, (sentence, said)


@pytest.mark.parametrize(
    ("formula", "said", "unsaid"),
    [
        # Different conditions: what holds for one count is not said of the other.
        (
            "count(orders where status = 'a' and is_new) / count(orders where status = 'b' and is_new)",
            ["rows of `orders` where `is_new` is not true", "each figure above counts only the rows"],
            ["is not “a”", "is not “b”"],
        ),
        # A condition on the context is said of the figure that it narrows.
        (
            "(revenue where channel = 'x') / cost",
            [
                "from Revenue (`revenue`): rows where `channel` is not “x”, or is missing",
                "every row of `ads` counts",
            ],
            [],
        ),
        # A key is never missing, and an average of nothing is null.
        ("count_distinct(orders.order_id)", ["a sum or a count without a single row is 0"], ["passed over"]),
        (
            "avg(orders.price)",
            ["rows of `orders` without `price` are passed over", "without a single value, the mean"],
            [],
        ),
        ("count(rates)", ["`rates` has no time column", "not by time"], ["Europe/Paris"]),
        ("count(customers)", ["nothing: every row of `customers` counts"], ["is_test"]),
        (
            "sum(orders.quantity where customer.vip)",
            ["the join keeps a row of `orders` without a partner in `customers`"],
            [],
        ),
        # What one figure passes over another one counts.
        (
            "sum(orders.price) / count(orders)",
            ["without `price` are passed over by the sum of `price` over the rows of `orders`"],
            ["without `price` are passed over -"],
        ),
        # Rows without a time are under an empty bucket, but not those without a time that is asked for.
        (
            "count(orders at shipped_at) / count(customers)",
            [
                "rows of `orders` without `shipped_at`, from what is placed in time by it",
                "rows of `customers` without `first_at` are outside every period",
            ],
            ["without `shipped_at` are outside"],
        ),
        ("1", ["it reads no rows", "On nothing: it reads no rows."], ["divided"]),
    ],
)
def test_pages_say_what_holds(formula: str, said: list[str], unsaid: list[str]) -> None:
    project = shop(f'  asked: {{formula: "{formula}"}}\n')
    page = " ".join(text(project, "asked", "en", 10_000).split())
    assert [part for part in said if part not in page] == [], page
    assert [part for part in unsaid if part in page] == [], page


def test_where_nothing_is_null_is_said_of_the_metric_that_asks_so() -> None:
    assert "`empty: null`" in text(shop(), "known_cost", "en")
    assert "without a single row is 0" not in text(shop(), "known_cost", "en")


def test_the_terms_on_which_it_may_be_asked() -> None:
    more = (
        "  checked: {formula: paid / buyers, bounds: [0, 2.5], requires: [day], forbids: [country], "
        "variant_of: basket_size, deprecated: {since: 2026-01-31, use: basket}}\n"
        "  resting: checked * 2\n"
    )
    page = text(shop(more), "checked", "en", 200)
    for part in (
        "- only with `day` among the groups, or fixed by the period or a condition\n",
        "- never with `country` among the groups\n",
        "values: at least 0 and at most 2.5",
        "deprecated: since 2026-01-31; use `basket` instead",
        "a variant of: `basket_size`",
    ):
        assert part in page, page
    assert "- never with `country` among the groups (`checked` says so)" in text(
        shop(more), "resting", "en", 200
    )
    assert "au moins 0 et au plus 2,5" in text(shop(more), "checked", "fr", 200)


def test_parameters_and_date_parts() -> None:
    more = (
        "  big: sum(orders.price where price > least) where weekday in (6, 7)\n"
        "parameters:\n  least: {type: integer, default: 10}\n"
    )
    page = text(shop(more), "big", "en", 200)
    for part in (
        "where `price` is greater than `least`, counting only where `weekday` is 6 or 7.",
        "rows where `weekday` is neither 6 nor 7, or is missing",
        "set by a query: `least` (`10` where a query sets nothing else)",
    ):
        assert part in page, page


def test_datasets_and_dimensions() -> None:
    orders = text(shop(), "orders", "en", 200)
    for part in (
        "`orders` has one row per `order_id`",
        "left out, whatever is asked: rows where `is_test` is true",
        "- `customer`: the row of `customers` with the same `customer_id`; at most one",
        "that holds at `ordered_at`, from its `valid_from` on until its `valid_to`, not included",
        "- `amount`: decimal(12,2), computed: `price` × `quantity`. What the goods cost",
    ):
        assert part in orders, orders
    channel = text(shop(), "channel", "fr", 200)
    assert "- sur `ads`\N{NO-BREAK SPACE}: `network`" in channel
    assert "`channel_code` en minuscules" in channel


def test_a_dataset_and_its_columns_are_described_in_each_language(tmp_path: Path) -> None:
    project = marketing(tmp_path)
    orders = text(project, "orders", "en", 400), text(project, "orders", "fr", 400)
    for said, page in zip(("One row per order,", "Une ligne par commande,"), orders, strict=True):
        assert said in page, page
    for said, page in zip(("before refunds", "avant remboursements"), orders, strict=True):
        assert said in page, page
    assert "orders" in names(search(project.project, "ligne par commande"))


def test_a_column_is_called_by_its_label_in_each_language(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        "",
        """\
datasets:
  orders:
    table: orders
    key: id
    columns:
      id: integer
      gross: {type: integer, label: {en: Paid in shops, fr: Payé en magasin}, description: Without tips}
      sales: {type: integer, label: Takings, expr: gross * 2}
metrics:
  taken: sum(orders.sales)
""",
    )
    project = checked(tmp_path)
    assert "Paid in shops (`gross`): " in text(project, "orders", "en", 400)
    assert "Payé en magasin (`gross`)\u00a0: " in text(project, "orders", "fr", 400)
    assert "Takings (`sales`): " in text(project, "orders", "en", 400)
    assert "- `id`: " in text(project, "orders", "en", 400)
    columns = dataset_facts(project, "orders")["columns"]
    assert columns["gross"]["label"] == {"en": "Paid in shops", "fr": "Payé en magasin"}
    assert list(columns["gross"]["description"].values()) == ["Without tips"]
    assert columns["id"]["label"] == {}


def names(found: tuple[Candidate, ...]) -> list[str]:
    return [one.name for one in found]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("revenue", ["revenue"]),
        ("Chiffre d’affaires", ["revenue"]),
        ("CHIFFRE D'AFFAIRES", ["revenue"]),
        ("chiffre d affaires", ["revenue"]),
        ("Panier  moyen", ["average_order_value"]),
        ("aov", ["average_order_value"]),
        ("average-order value", ["average_order_value"]),
        ("Catégorie", ["category"]),
        ("categorie", ["category"]),
        ("ca", ["revenue"]),
        ("", []),
        ("zzz", []),
    ],
)
def test_a_definition_is_found_by_what_it_is_called(asked: str, found: list[str]) -> None:
    assert names(find(boutique().project, asked)) == found


def test_what_several_are_called_is_none_of_them() -> None:
    more = "  ca: {formula: sum(orders.price), label: Chiffre d’affaires}\n"
    assert names(find(shop(more).project, "chiffre d'affaires")) == ["revenue", "ca"]


def test_near_misses_and_searches() -> None:
    project = boutique().project
    assert "average_order_value" in names(close(project, "panier moien"))
    assert {"revenue_per_session", "visits", "visitors"} <= {*names(search(project, "visit"))}
    assert names(search(project, "cout clic")) == ["cost_per_click"]
    # A description counts too, in any language.
    assert "return_on_ad_spend" in names(search(project, "euro de publicité"))
    assert names(search(project, "weekda")) == ["weekday"]
    assert names(search(project, "zzz")) == []
