"""Results written out by hand, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from kpidsl.engines import ResultColumn
from kpidsl.engines.columns import arrow_schema
from kpidsl.report import Result

HOSTILE = "a\x1b[31mred\x07\r\nb\u202egnp.exe\u200b\x00<script>[bold]x[/bold]"
HOSTILE_SHOWN = r"a\x1b[31mred\x07\r\nb\u202egnp.exe\u200b\x00<script>[bold]x[/bold]"


def result(columns: Sequence[ResultColumn], *rows: Sequence[object]) -> Result:
    schema = arrow_schema(columns)
    arrays = [pa.array([row[place] for row in rows], field.type) for place, field in enumerate(schema)]
    return Result(tuple(columns), pa.Table.from_arrays(arrays, schema=schema))
