"""Results in Python and in notebooks."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal

import pandas
import pytest

from kpidsl.engines import ResultColumn
from kpidsl.model.types import DATE, INTEGER, TEXT, decimal
from kpidsl.report import Result
from tests.report.results import HOSTILE, result

ROWS = [
    {"day": date(2026, 1, 31), "name": "a", "amount": Decimal("0.10"), "n": 2**53 + 1},
    {"day": None, "name": None, "amount": None, "n": None},
]


@pytest.fixture
def sales() -> Result:
    columns = [
        ResultColumn("day", DATE),
        ResultColumn("name", TEXT),
        ResultColumn("amount", decimal(38, 2)),
        ResultColumn("n", INTEGER),
    ]
    return result(columns, *(tuple(row.values()) for row in ROWS))


def test_rows_and_arrow(sales: Result) -> None:
    assert sales.rows() == ROWS
    assert sales.arrow() is sales.table


def test_pandas_keeps_nulls_and_large_integers(sales: Result) -> None:
    frame = sales.pandas()
    assert list(frame.columns) == ["day", "name", "amount", "n"]
    assert frame["n"][0] == 2**53 + 1
    assert frame["amount"][0] == Decimal("0.10")
    assert all(pandas.isna(value) for value in frame.iloc[1])


def test_polars(sales: Result) -> None:
    assert sales.polars().to_dicts() == ROWS


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_a_missing_package_is_one_line(sales: Result, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError) as caught:
        getattr(sales, package)()
    assert str(caught.value) == f"{package} is not installed: pip install kpidsl[{package}]"


def test_the_notebook_view_is_escaped() -> None:
    html = result(
        [ResultColumn(HOSTILE, TEXT), ResultColumn("n", INTEGER)], (HOSTILE, 1234), (None, None)
    )._repr_html_()
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 2
    assert html.isprintable()
    assert '<td style="text-align: right">1,234</td>' in html
    assert "<td>–</td>" in html


def test_the_notebook_view_is_bounded() -> None:
    html = result([ResultColumn("n", INTEGER)], *((n,) for n in range(1250)))._repr_html_()
    assert html.count("<tr>") == 101
    assert "… 1,150 more rows" in html
