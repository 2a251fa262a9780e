"""First and last values of columns over the whole history in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.words.dataset import dataset_page
from kpidsl.words.explaining import LANGUAGES
from tests import answers

ORDERS = """\
datasets:
  orders:
    table: orders
    key: order_id
    time: day
    columns:
      order_id: integer
      day: date
      customer_id: integer
      amount: integer
      channel: text
      known: {type: text, expr: "last(channel per customer_id order by amount)"}
      latest: {type: text, expr: "last(channel per customer_id)"}
"""


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "en",
            "`known`: text, computed: the last `channel` that is known on the rows of `orders`, for each "
            "`customer_id`, up to the row itself in the order of `amount`, over the whole history",
        ),
        (
            "en",
            "`latest`: text, computed: the last `channel` in time of the rows of `orders`, for each "
            "`customer_id`, over the whole history",
        ),
        (
            "fr",
            "`known` : texte (`text`), calculée : la dernière valeur connue de `channel` sur les lignes de `orders`, pour chaque "
            "`customer_id`, jusqu’à la ligne elle-même dans l’ordre de `amount`, sur tout l’historique",
        ),
    ],
)
def test_first_and_last_tell_by_what_they_go(tmp_path: Path, locale: str, said: str) -> None:
    project = answers.checked(answers.write_project(tmp_path, "timezone: UTC\n", ORDERS))
    page = dataset_page(project, "orders", LANGUAGES[locale])
    lines = [" ".join(line.text.split()) for section in page.sections for line in section.lines]
    assert said in lines
