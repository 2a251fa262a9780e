"""A result: the typed columns of a query with their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from kpidsl.engines.columns import ResultColumn
from kpidsl.report.cells import values
from kpidsl.report.numbers import column_format, format_value
from kpidsl.report.text import shown_text
from kpidsl.report.violations import Violation, violations

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

MOST_NOTEBOOK_ROWS = 100


@dataclass(frozen=True, slots=True)
class Result:
    """Rows as an Arrow table whose columns are `columns`, in that order."""

    columns: tuple[ResultColumn, ...]
    table: pa.Table
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The parameters that the answer rests on, with their values as the language writes them."""

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Return the values outside the bounds of their KPIs, row by row."""
        return violations(self.columns, self.table)

    def arrow(self) -> pa.Table:
        return self.table

    def rows(self) -> list[dict[str, Any]]:
        """Return each row by column name: int, Decimal, float, str, bool, date, datetime or None."""
        names = [column.name for column in self.columns]
        columns = [values(a, c.type) for a, c in zip(self.table.columns, self.columns, strict=True)]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def pandas(self) -> pd.DataFrame:
        """Return a pandas frame whose columns keep their Arrow types, so decimals and nulls stay exact."""
        try:
            import pandas as pd
        except ImportError:
            raise ImportError("pandas is not installed: pip install kpidsl[pandas]") from None
        return self.table.to_pandas(types_mapper=pd.ArrowDtype)

    def polars(self) -> pl.DataFrame:
        try:
            import polars as pl
        except ImportError:
            raise ImportError("polars is not installed: pip install kpidsl[polars]") from None
        frame = pl.from_arrow(self.table)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def _repr_html_(self) -> str:
        """Return the notebook's view: at most a hundred rows, every text escaped."""
        shown = self.table.slice(0, MOST_NOTEBOOK_ROWS)
        formatted = [
            _cells(column, values(array, column.type))
            for column, array in zip(self.columns, shown.columns, strict=True)
        ]
        head = "".join(f"<th>{escape(shown_text(column.name))}</th>" for column in self.columns)
        body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*formatted, strict=True))
        left = self.table.num_rows - shown.num_rows
        more = f"<p>… {left:,} more rows</p>" if left else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cells(column: ResultColumn, found: list[object]) -> list[str]:
    format_ = column_format(column, found, None)
    align = ' style="text-align: right"' if column.type.is_numeric else ""
    return [f"<td{align}>{escape(format_value(value, format_, 'en'))}</td>" for value in found]
