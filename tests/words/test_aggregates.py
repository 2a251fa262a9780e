"""What is said of quantiles, ends, tuples and required columns, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.semantics.check import CheckedProject
from kpidsl.words.english import ENGLISH
from kpidsl.words.french import FRENCH
from kpidsl.words.metric import metric_page
from kpidsl.words.page import Page
from tests import answers

DEFINITIONS = """
datasets:
  orders:
    table: orders
    key: id
    time: at
    columns:
      id: integer
      at: timestamp
      amount: decimal(12,2)
      weight: integer
      rate: {type: "decimal(12,6)", required: true}
      status: text
metrics:
  middle: median(orders.amount)
  large: percentile(orders.amount where status = 'x', 95%)
  mean: weighted_avg(orders.amount, weight)
  spread: stddev(orders.amount)
  newest: last(orders.status)
  pairs: count_distinct(orders.status, weight)
  euros: sum(orders.amount * rate)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CheckedProject:
    folder: Path = tmp_path_factory.mktemp("words")
    return answers.checked(answers.write_project(folder, "", DEFINITIONS))


def lines(page: Page, title: str) -> list[str]:
    return next([line.text for line in section.lines] for section in page.sections if section.title == title)


@pytest.mark.parametrize(
    ("metric", "english", "french"),
    [
        ("middle", "The median of `amount` over", "La médiane de `amount` sur"),
        ("large", "The percentile 0.95 of `amount`", "Le percentile 0,95 de `amount`"),
        (
            "mean",
            "The mean of `amount`, weighted by `weight`,",
            "La moyenne de `amount`, pondérée par `weight`,",
        ),
        ("spread", "The standard deviation of `amount`", "L'écart type de `amount`"),
        ("newest", "The last `status` in time", "La dernière valeur de `status` dans le temps"),
        (
            "pairs",
            "The number of different combinations of `status` and `weight`",
            "Le nombre de combinaisons",
        ),
    ],
)
def test_what_is_computed(project: CheckedProject, metric: str, english: str, french: str) -> None:
    assert lines(metric_page(project, metric, ENGLISH), "What is computed")[0].startswith(english)
    said = lines(metric_page(project, metric, FRENCH), "Ce qui est calculé")[0]
    assert said.replace("\u2019", "'").startswith(french)


@pytest.mark.parametrize(
    ("metric", "parts"),
    [
        ("mean", ["without `amount`", "without `weight`", "the weights add up to 0"]),
        ("spread", ["of one value alone"]),
        ("newest", ["`id` decides", "without `status`", "without `at`"]),
        ("pairs", ["without `status`", "without `weight`"]),
        ("euros", ["a single row of `orders` that lacks `rate`"]),
    ],
)
def test_nulls(project: CheckedProject, metric: str, parts: list[str]) -> None:
    said = lines(metric_page(project, metric, ENGLISH), "Nulls and zeros")
    for part in parts:
        assert any(part in line for line in said), (part, said)


def test_samples_count_the_rows_that_have_all_of_it(project: CheckedProject) -> None:
    said = lines(metric_page(project, "mean", ENGLISH), "How many observations it rests on")
    assert said == ["The number of values of `amount` in the rows of `orders` where `weight` is present."]
    said = lines(metric_page(project, "large", ENGLISH), "How many observations it rests on")
    assert said == ["The number of values of `amount` in the rows of `orders` where `status` is “x”."]


def test_the_key_has_a_part_in_an_end(project: CheckedProject) -> None:
    assert "reads: orders (status, at, id)" in lines(metric_page(project, "newest", ENGLISH), "About it")
