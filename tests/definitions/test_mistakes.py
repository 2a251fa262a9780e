"""Mistakes that packages and dashboards in circulation make with the figures of the lexicon.

Each is asked as they ask it, in names of our own. Some are refused, here by their code; of the others
`mistakes.yml` has the figure with a value worked out by hand, on rows on which they get it wrong.
"""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
import yaml

from kpidsl.checking import load
from kpidsl.diagnostics import Sink
from kpidsl.testing import run_tests
from tests.cli.running import call

ROOT = Path(__file__).resolve().parents[2]
WORKED_OUT = Path(__file__).with_name("mistakes.yml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("mistakes")
    copytree(ROOT / "definitions" / "marketing", project / "definitions")
    (project / "definitions" / WORKED_OUT.name).write_bytes(WORKED_OUT.read_bytes())
    (project / "kpidsl.yml").write_text("project: mistakes\nlanguage: 1\n", encoding="utf-8")
    return project


def test_what_is_computed_has_the_value_that_was_worked_out(folder: Path) -> None:
    written = yaml.safe_load(WORKED_OUT.read_text(encoding="utf-8"))
    names = [*written["metrics"], *written["kpis"]]
    sink = Sink()
    checked = load(folder, sink)
    assert checked is not None
    assert not sink.has_errors
    for url in ("duckdb:///:memory:", "sqlite:///:memory:"):
        outcomes = run_tests(checked, names, url, sink)
        assert not sink.has_errors
        assert [(one.metric, one.difference) for one in outcomes if one.difference] == []
        assert {one.metric for one in outcomes} == set(names)


def test_a_rate_is_not_taken_from_a_count(folder: Path) -> None:
    # 999.99 of 1,000 impressions and 10 clicks.
    refused = call("compile", "rate = ad_impressions - ad_clicks / ad_impressions", cwd=folder)
    assert refused.code == 1
    assert "error[unit/mismatch]" in refused.err


PLATFORMS = """\
datasets:
  search_ads:
    table: ads.search
    key: [served_on, ad_id]
    time: served_on
    columns:
      served_on: date
      ad_id: text
      spend: {type: "decimal(18,2)", unit: EUR}
      clicks: {type: integer, unit: click}
  video_ads:
    table: ads.video
    key: [served_on, ad_id]
    time: served_on
    columns:
      served_on: date
      ad_id: text
      spend: {type: "decimal(18,2)", unit: USD}
      views: {type: integer, unit: view, column: clicks}
"""


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        pytest.param(
            "sum(search_ads.spend) + sum(video_ads.spend)", "unit/currencies", id="currencies of platforms"
        ),
        pytest.param(
            "sum(search_ads.clicks) + sum(video_ads.views)", "unit/mismatch", id="meanings of platforms"
        ),
    ],
)
def test_what_platforms_mean_by_one_column_does_not_add_up(tmp_path: Path, formula: str, code: str) -> None:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "kpidsl.yml").write_text("project: platforms\nlanguage: 1\n", encoding="utf-8")
    written = f"{PLATFORMS}metrics:\n  of_all: {formula}\n"
    (tmp_path / "definitions" / "platforms.yml").write_text(written, encoding="utf-8")
    assert f"error[{code}]" in call("check", cwd=tmp_path).err


@pytest.mark.parametrize(
    ("written", "told"),
    [
        # The order of two payments has one tax, and would have it twice.
        pytest.param(
            "metrics:\n  taxes: sum(payments.order.tax_amount)\n",
            "warning[grain/repeated-parent]",
            id="tax once for each payment",
        ),
        # Each order of two payments would stand twice.
        pytest.param(
            """\
datasets:
  paid_orders:
    table: marketing.orders
    key: order_id
    columns: {order_id: text, tax_amount: "decimal(18,2)"}
    joins:
      payment: {to: payments, using: order_id}
metrics:
  taxes: sum(paid_orders.tax_amount where payment.kind = 'sale')
""",
            "error[join/not-on-key]",
            id="orders joined to their payments",
        ),
        pytest.param(
            """\
kpis:
  engagement_rate_web:
    label: Engaged visits
    formula: count(sessions where pageviews >= 1) / count(sessions)
    direction: up
    owner: web@shop.example
""",
            "error[name/duplicate]",
            id="another engagement under the same name",
        ),
    ],
)
def test_what_must_not_be_written_is_told(folder: Path, tmp_path: Path, written: str, told: str) -> None:
    copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "definitions" / "own.yml").write_text(written, encoding="utf-8")
    assert told in call("check", cwd=tmp_path).err


def test_engagement_by_its_everyday_name_is_asked_back(folder: Path) -> None:
    asked = call("compile", "engagement_rate", cwd=folder)
    assert asked.code == 1
    assert "error[name/variants]" in asked.err
    assert "`engagement_rate_one_page`" in asked.err
    assert "`engagement_rate_web`" in asked.err


def test_different_visitors_are_never_told_as_additive(folder: Path) -> None:
    for name in ("visitors", "people_of_pages"):
        told = call("explain", name, "--format", "json", cwd=folder)
        assert '"additivity": "distinct"' in told.out, told.err
