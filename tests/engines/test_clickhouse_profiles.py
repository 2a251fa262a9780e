"""What a user's profile on ClickHouse says, that would make some of the rows the answer, does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from kpidsl.engines import EngineError, connect

HERE = Path(".")
needs_engine = pytest.mark.asks("clickhouse")


@needs_engine
@pytest.mark.parametrize(
    ("profile", "rows", "refusal"),
    [
        ({"limit": 1}, "numbers(99)", ""),
        (
            {"join_default_strictness": "ANY"},
            "numbers(9) AS a JOIN (SELECT 1 AS b FROM numbers(9)) AS c ON number = b",
            "",
        ),
        ({"empty_result_for_aggregation_by_empty_set": 1}, "(SELECT SUM(0) AS number FROM numbers(0))", ""),
        (
            {"count_distinct_implementation": "uniq"},
            "(SELECT COUNT(DISTINCT number) AS number FROM numbers(1000000))",
            "",
        ),
        ({"offset": 1}, "numbers(99)", ""),
        (
            {"max_rows_to_group_by": 10, "group_by_overflow_mode": "any"},
            "numbers(99999) GROUP BY number",
            "GROUP BY",
        ),
        ({"max_rows_to_read": 10, "read_overflow_mode": "break"}, "numbers(99)", "max_rows_to_read"),
        (
            {"max_rows_in_distinct": 10, "distinct_overflow_mode": "break"},
            "(SELECT DISTINCT * FROM numbers(99))",
            "DISTINCT",
        ),
        (
            {"max_rows_in_set": 10, "set_overflow_mode": "break"},
            "numbers(99) WHERE number IN (SELECT number FROM numbers(150))",
            "IN-set",
        ),
        (
            {"max_rows_in_join": 10, "join_overflow_mode": "break"},
            "numbers(99) AS a JOIN numbers(99) AS b USING number",
            "JOIN",
        ),
        (
            {"max_rows_to_sort": 10, "sort_overflow_mode": "break"},
            "numbers(99) ORDER BY number DESC",
            "Limit",
        ),
        ({"max_result_rows": 10, "result_overflow_mode": "break"}, "numbers(99)", "Limit for result"),
    ],
)
def test_no_profile_makes_some_of_the_rows_the_answer(
    profile: Mapping[str, object], rows: str, refusal: str
) -> None:
    from kpidsl.engines.clickhouse import SETTINGS

    ours = ", ".join(f"{name} = '{value}'" for name, value in SETTINGS.items())
    profile = {**profile, "max_block_size": 10}
    sql = f"SELECT number FROM {rows}"
    with connect("chdb://", base=HERE, read_only=False) as connection:
        expected = sorted(connection.fetch(sql))
        try:
            for name, value in profile.items():
                connection.fetch(f"SET {name} = '{value}'")
            assert sorted(connection.fetch(sql)) != expected
            if refusal:
                with pytest.raises(EngineError, match=refusal):
                    connection.fetch(f"{sql} SETTINGS {ours}")
            else:
                assert sorted(connection.fetch(f"{sql} SETTINGS {ours}")) == expected
        finally:
            for name in profile:
                connection.fetch(f"SET {name} = DEFAULT")
