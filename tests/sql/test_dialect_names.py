"""Every dialect that sqlglot knows has an entry, or a reason why it has none."""

from __future__ import annotations

import pytest
from sqlglot.dialects.dialect import DIALECT_MODULE_NAMES

from kpidsl.source import SourceFile, Span
from kpidsl.sql.dialects import DIALECTS
from kpidsl.sql.errors import unknown_dialect
from kpidsl.sql.not_written import NOT_WRITTEN, OTHER_NAMES


def told(name: str) -> tuple[str, str | None]:
    found = unknown_dialect(Span(SourceFile("--dialect", name), 0, len(name)), name, DIALECTS)
    assert found.code == "dialect/unknown"
    return found.message, found.help


def test_every_dialect_of_sqlglot_is_written_or_has_a_reason() -> None:
    assert not DIALECTS.keys() & NOT_WRITTEN.keys()
    assert set(DIALECT_MODULE_NAMES) <= DIALECTS.keys() | NOT_WRITTEN.keys()


@pytest.mark.parametrize("name", NOT_WRITTEN)
def test_a_dialect_that_is_not_written_says_why_and_what_is_near(name: str) -> None:
    message, help = told(name)
    assert message == f"there is no SQL for `{name}`: {NOT_WRITTEN[name].reason}"
    assert help is not None
    assert set(NOT_WRITTEN[name].near) <= DIALECTS.keys() | NOT_WRITTEN.keys()
    assert all(f"`{near}`" in help for near in NOT_WRITTEN[name].near if near in DIALECTS)


def test_other_names_lead_to_the_dialect_s_own() -> None:
    assert told("MariaDB") == (
        "there is no dialect `MariaDB`",
        "the dialect is called `mysql`",
    )
    assert told("SQL Server")[1] == "the dialect is called `tsql`"
    assert told("T-SQL")[1] == "the dialect is called `tsql`"
    assert told("amazon-redshift")[1] == "the dialect is called `redshift`"
    assert told("Google BigQuery")[1] == "the dialect is called `bigquery`"
    assert told("Apache-Druid")[0] == f"there is no SQL for `Apache-Druid`: {NOT_WRITTEN['druid'].reason}"
    assert not OTHER_NAMES.keys() & (DIALECTS.keys() | NOT_WRITTEN.keys())
    assert set(OTHER_NAMES.values()) <= DIALECTS.keys() | NOT_WRITTEN.keys()


def test_a_name_that_is_nearly_one_is_told() -> None:
    assert told("postgress")[1] == "did you mean `postgres`?"
