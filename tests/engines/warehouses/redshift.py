"""Redshift, whose protocol PostgreSQL speaks: `test_redshift` asks that. Here is what is said without a server."""

from __future__ import annotations

from tests.engines.warehouses.common import Warehouse

WAREHOUSE = Warehouse(
    "redshift",
    "redshift",
    driver="psycopg",
    modules=("psycopg",),
    plain_url="redshift://h/shop",
    refused=(
        ("redshift://ann:s3cret@h/shop", "the `redshift` connection holds a password"),
        ("redshift://h/shop/public", "the `redshift` connection does not name a server"),
        ("redshift://h:0/shop", "the `redshift` connection has a port that is none"),
    ),
)
