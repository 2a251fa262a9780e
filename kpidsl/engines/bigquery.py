"""BigQuery, by google-cloud-bigquery: a job for each statement, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import requests
from google.api_core.client_info import ClientInfo
from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError, NotFound
from google.auth import exceptions as auth
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.oauth2 import service_account

from kpidsl.engines.url_options import seconds_of
from kpidsl.engines.urls import ServerAddress
from kpidsl.engines.warehouses import WarehouseConnection, reason

_FAILURES = (GoogleAPIError, auth.GoogleAuthError, requests.RequestException, OSError, ValueError)
_BEFORE = re.compile(r"^[A-Z]+ https?://\S+: ")
_UNREACHABLE = (auth.TransportError, requests.ConnectionError, requests.Timeout)
_ANSWERED_WITHIN = 60.0


def _way(asked: Mapping[str, str]) -> dict[str, Any]:
    """Return how the service is reached, and as whom: over what is not HTTPS, as nobody."""
    endpoint = asked.get("endpoint")
    options: dict[str, str] = {}
    if endpoint is not None:
        options["api_endpoint"] = endpoint
        if not endpoint.startswith("https://"):
            return {"client_options": options, "credentials": AnonymousCredentials()}
    way: dict[str, Any] = {"client_options": options}
    if "key_file" in asked:
        way["credentials"] = service_account.Credentials.from_service_account_file(
            asked["key_file"], scopes=bigquery.Client.SCOPE
        )
    return way


class Bigquery(WarehouseConnection):
    """A connection to BigQuery, whose statements are queries in UTC."""

    dialect = "bigquery"
    failures = _FAILURES

    def __init__(self, client: bigquery.Client, address: ServerAddress) -> None:
        super().__init__(client, address)
        patience = float(address.parts.get("connect_timeout") or 10)
        self._retry = bigquery.DEFAULT_RETRY.with_timeout(patience)
        self._dataset = address.parts["dbname"]

    @staticmethod
    def reached(asked: Mapping[str, str]) -> bigquery.Client:
        return bigquery.Client(
            project=asked["host"],
            location=asked.get("location"),
            client_info=ClientInfo(user_agent="kpidsl"),
            **_way(asked),
        )

    def set_up(self, asked: Mapping[str, str]) -> None:  # noqa: ARG002
        # Settings go with each statement.
        self.start("SELECT 1", dry_run=True)

    def start(self, sql: str, *, dry_run: bool = False) -> bigquery.QueryJob:
        """Return the job of a statement, which runs from now on."""
        return self._connection.query(
            sql,
            job_config=self._settings(dry_run),
            retry=self._retry,
            job_retry=None,
            timeout=_ANSWERED_WITHIN,
        )

    def _settings(self, dry_run: bool) -> bigquery.QueryJobConfig:
        parts = self._address.parts
        settings = bigquery.QueryJobConfig(
            use_legacy_sql=False,
            dry_run=dry_run,
            # A project may have another zone, in which CURRENT_DATE and casts of instants would be.
            connection_properties=[bigquery.ConnectionProperty("time_zone", "UTC")],
            labels={"application": "kpidsl"},
        )
        if self._dataset:
            settings.default_dataset = bigquery.DatasetReference(self._connection.project, self._dataset)
        if parts.get("maximum_bytes_billed"):
            settings.maximum_bytes_billed = int(parts["maximum_bytes_billed"])
        if parts.get("statement_timeout"):
            settings.job_timeout_ms = max(1, round(seconds_of(parts["statement_timeout"]) * 1000))
        return settings

    def ask(self, sql: str) -> tuple[int, list[tuple[Any, ...]]]:
        job = self.start(sql)
        with self.running(job):
            rows = job.result(retry=self._retry, job_retry=None)
            return len(rows.schema), [row.values() for row in rows]

    def stop(self, running: bigquery.QueryJob) -> None:
        running.cancel(retry=None, timeout=5)

    def is_lost(self, error: Exception) -> bool:
        cause = getattr(error, "cause", None) or error
        return isinstance(cause, _UNREACHABLE)

    @classmethod
    def told(cls, error: Exception) -> str:
        """Return a failure's own text, without the request that it answers."""
        cause = getattr(error, "cause", None) or error
        if isinstance(cause, GoogleAPICallError):
            return _BEFORE.sub("", str(cause.message))
        return reason(error)

    def described(self, parts: tuple[str, ...]) -> list[tuple[Any, ...]]:
        *outer, name = parts
        project = outer[0] if len(outer) == 2 else self._connection.project
        dataset = outer[-1] if outer else self._dataset
        if not dataset:
            return []
        try:
            schema = self._schema(project, dataset, name)
        except NotFound:
            schema = self._in_any_case(project, dataset, name)
        return [(field.name, _type_text(field)) for field in schema]

    def _schema(self, project: str, dataset: str, name: str) -> list[bigquery.SchemaField]:
        table = bigquery.DatasetReference(project, dataset).table(name)
        return list(self._connection.get_table(table, retry=self._retry, timeout=_ANSWERED_WITHIN).schema)

    def _in_any_case(self, project: str, dataset: str, name: str) -> list[bigquery.SchemaField]:
        """Return the columns of a table whose capitals are not known, which definitions do not tell."""
        for found in self._datasets(project):
            if found.lower() != dataset.lower():
                continue
            for table in self._tables_of(project, found):
                if table.lower() == name.lower():
                    return self._schema(project, found, table)
        return []

    def described_select(self, sql: str) -> list[tuple[Any, ...]]:
        return [(field.name, _type_text(field)) for field in self.start(sql, dry_run=True).schema or ()]

    def listed(self) -> list[tuple[Any, ...]]:
        project = self._connection.project
        datasets = [self._dataset] if self._dataset else self._datasets(project)
        return [
            ("" if dataset == self._dataset else dataset, name)
            for dataset in datasets
            for name in self._tables_of(project, dataset)
        ]

    def _datasets(self, project: str) -> list[str]:
        found = self._connection.list_datasets(project, retry=self._retry, timeout=_ANSWERED_WITHIN)
        return sorted(one.dataset_id for one in found)

    def _tables_of(self, project: str, dataset: str) -> list[str]:
        reference = bigquery.DatasetReference(project, dataset)
        found = self._connection.list_tables(reference, retry=self._retry, timeout=_ANSWERED_WITHIN)
        return sorted(one.table_id for one in found)


def _type_text(field: bigquery.SchemaField) -> str:
    """Return a column's type; a collation is told where texts that differ may be equal by it."""
    told = str(field.field_type).lower()
    if told == "timestamp":
        told = "timestamp, an instant,"
    if field.precision is not None:
        told = f"{told}({field.precision}, {field.scale or 0})"
    collation = field.to_api_repr().get("collation")
    if collation:
        told = f"{told} collate '{collation}'"
    return f"array<{told}>" if field.mode == "REPEATED" else told
