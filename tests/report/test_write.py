"""Files of results."""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kpidsl.engines import ResultColumn
from kpidsl.model.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, decimal
from kpidsl.report import FORMATS, Format, ReportError, write
from tests.report.results import result

ALL = result(
    [
        ResultColumn("month", DATE),
        ResultColumn("na,me", TEXT),
        ResultColumn("revenue", decimal(38, 2), "EUR"),
        ResultColumn("orders", INTEGER),
        ResultColumn("ratio", FLOAT, "percent"),
        ResultColumn("paid", BOOLEAN),
        ResultColumn("at", TIMESTAMP),
    ],
    (
        date(2026, 1, 1),
        'a "b", c\n',
        Decimal("-0.05"),
        2**63 - 1,
        0.1,
        True,
        datetime(2026, 1, 1, 2, 3, 4, 5),
    ),
    (None, None, None, None, None, None, None),
    (
        date(1, 1, 1),
        "",
        Decimal("100000000000000000000000000000000000.00"),
        0,
        1e-7,
        False,
        datetime(2026, 1, 1),
    ),
    (date(2026, 1, 1), "é\r", Decimal("0.00"), -1, float("nan"), None, None),
    (date(2026, 1, 1), " x ", None, None, float("-inf"), None, None),
)

CSV = """month,"na,me",revenue,orders,ratio,paid,at
2026-01-01,"a ""b"", c
",-0.05,9223372036854775807,0.1,true,2026-01-01T02:03:04.000005
,,,,,,
0001-01-01,"",100000000000000000000000000000000000.00,0,1e-07,false,2026-01-01T00:00:00
2026-01-01,"é\r",0.00,-1,nan,,
2026-01-01," x ",,,-inf,,
"""


def test_csv(tmp_path: Path) -> None:
    write(ALL, "csv", tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes().decode() == CSV


def test_json(tmp_path: Path) -> None:
    write(ALL, "json", tmp_path / "x.json")
    written = json.loads((tmp_path / "x.json").read_bytes())
    assert list(written) == ["columns", "rows"]
    assert written["columns"][2] == {"name": "revenue", "type": "decimal(38,2)", "unit": "EUR"}
    assert written["columns"][0] == {"name": "month", "type": "date", "unit": None}
    assert written["rows"][0] == {
        "month": "2026-01-01",
        "na,me": 'a "b", c\n',
        "revenue": "-0.05",
        "orders": 2**63 - 1,
        "ratio": 0.1,
        "paid": True,
        "at": "2026-01-01T02:03:04.000005",
    }
    assert set(written["rows"][1].values()) == {None}
    assert [row["ratio"] for row in written["rows"]] == [0.1, None, 1e-7, "NaN", "-Infinity"]


def test_json_without_rows(tmp_path: Path) -> None:
    write(result(ALL.columns), "json", tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_bytes())["rows"] == []


def test_parquet_and_arrow_keep_the_table(tmp_path: Path) -> None:
    write(ALL, "parquet", tmp_path / "x.parquet")
    write(ALL, "arrow", tmp_path / "x.arrow")
    read = (pq.read_table(tmp_path / "x.parquet"), pa.ipc.open_file(tmp_path / "x.arrow").read_all())
    for table in read:
        assert table.schema == ALL.table.schema
        assert repr(table.to_pylist()) == repr(ALL.table.to_pylist())


@pytest.mark.parametrize("format_", FORMATS)
def test_standard_output_has_the_same_bytes(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], format_: Format
) -> None:
    write(ALL, format_, None)
    write(ALL, format_, tmp_path / "x")
    assert capfdbinary.readouterr().out == (tmp_path / "x").read_bytes()


@pytest.mark.parametrize("format_", FORMATS)
def test_a_failure_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: Format
) -> None:
    target = tmp_path / "x"
    target.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReportError) as caught:
        write(ALL, format_, target)
    assert caught.value.message == f"`{target}` could not be written: no space left on device"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert target.read_text() == "old"


def test_a_file_is_replaced_whole_and_has_the_usual_rights(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old" * 1000)
    (tmp_path / "link").symlink_to("real")
    write(ALL, "csv", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes().decode() == CSV
    (tmp_path / "plain").write_text("")
    assert (tmp_path / "real").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_targets_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="it is a directory"):
        write(ALL, "csv", tmp_path)
    with pytest.raises(ReportError, match="no such file or directory"):
        write(ALL, "csv", tmp_path / "missing" / "x.csv")


def test_a_device_is_written_to_and_not_replaced() -> None:
    write(ALL, "csv", Path(os.devnull))
    assert not Path(os.devnull).is_file()
