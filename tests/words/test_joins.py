"""As-of joins in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpidsl.words.dataset import dataset_page
from kpidsl.words.explaining import LANGUAGES
from tests import answers
from tests.cases.reader import read_case

CASE = Path(__file__).resolve().parents[1] / "cases" / "asof_joins" / "last-touch-before-the-order.md"


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "en",
            "`session`: of the rows of `sessions` with the same `visitor_id` whose `started_at` is before "
            "`ordered_at`, by at most 30 days, the latest; at most one",
        ),
        (
            "fr",
            "`next_session` : parmi les lignes de `sessions` avec le même `visitor_id` dont `started_at` est "
            "à `ordered_at` ou après, la plus ancienne ; une au plus",
        ),
    ],
)
def test_a_dataset_tells_which_row_an_as_of_join_takes(tmp_path: Path, locale: str, said: str) -> None:
    case = read_case(CASE)
    project = answers.checked(answers.write_project(tmp_path, case.settings, case.definitions))
    page = dataset_page(project, "orders", LANGUAGES[locale])
    lines = [" ".join(line.text.split()) for section in page.sections for line in section.lines]
    assert said in lines
