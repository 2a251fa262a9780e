"""Build the benchmark's DuckDB file: 10 million orders and sessions, 1 million touches and purchases each.

Every value comes from `range` and `hash`, so the rows are the same on each run of one DuckDB version.
Run: python -m benchmarks.data
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb

FACT_ROWS = 10_000_000
CUSTOMERS = 500_000
FILE = Path(__file__).resolve().parent / "data" / "facts.duckdb"

_CUSTOMERS = """
create or replace table customers as
select
  i::integer as customer_id,
  case when hash(i, 11) % 100 < 3 then null
       else ['FR', 'BE', 'DE', 'CH', 'ES', 'IT', 'NL', 'PL'][(hash(i, 12) % 8 + 1)::integer] end as country,
  ['regular', 'vip', 'business'][(hash(i, 13) % 3 + 1)::integer] as segment
from range(1, ? + 1) t(i)
"""

# Three years from 2025-01-01, to the second; one customer in ten is a guest, one in a hundred unknown.
_ORDERS = """
create or replace table orders as
select
  i::integer as order_id,
  case when hash(i, 21) % 10 = 0 then null
       when hash(i, 21) % 100 = 1 then 900000000
       else (hash(i, 22) % ? + 1)::integer end as customer_id,
  timestamp '2025-01-01' + to_seconds((hash(i, 23) % 94608000)::bigint) as ordered_at,
  case when hash(i, 24) % 100 < 86 then 'paid'
       when hash(i, 24) % 100 < 94 then 'refunded' else 'cancelled' end as status,
  case when hash(i, 25) % 50 = 0 then null
       else ['email', 'search ads', 'organic search', 'social ads', 'direct'][(hash(i, 26) % 5 + 1)::integer]
       end as channel,
  ((hash(i, 27) % 29900 + 100)::decimal(12,0) / 100)::decimal(12,2) as amount
from range(1, ? + 1) t(i)
"""

_SESSIONS = """
create or replace table sessions as
select
  i::integer as session_id,
  (hash(i, 31) % ? + 1)::integer as visitor_id,
  timestamp '2025-01-01' + to_seconds((hash(i, 33) % 94608000)::bigint) as started_at,
  case when hash(i, 34) % 40 = 0 then null
       else ['email', 'search ads', 'organic search', 'social ads', 'referral']
            [(hash(i, 35) % 5 + 1)::integer] end as channel,
  (hash(i, 36) % 12 + 1)::integer as pageviews
from range(1, ? + 1) t(i)
"""

# Two touches a customer, at any moment of the same years; no two are at one.
_TOUCHES = """
create or replace table touches as
select
  i::integer as touch_id,
  (hash(i, 41) % ? + 1)::integer as customer_id,
  timestamp '2025-01-01' + to_seconds((hash(i, 43) % 94608000)::bigint) + to_microseconds(i) as touched_at,
  ['email', 'search ads', 'organic search', 'social ads', 'referral']
    [(hash(i, 45) % 5 + 1)::integer] as source
from range(1, ? + 1) t(i)
"""

# What visitors of those sessions bought, one purchase for ten sessions.
_PURCHASES = """
create or replace table purchases as
select
  i::integer as purchase_id,
  (hash(i, 41) % ? + 1)::integer as visitor_id,
  timestamp '2025-01-01' + to_seconds((hash(i, 42) % 94608000)::bigint) as purchased_at,
  hash(i, 43) % 10 < 9 as is_paid
from range(1, ? + 1) t(i)
"""

_TABLES = frozenset(["customers", "orders", "sessions", "touches", "purchases"])


def is_built(path: Path) -> bool:
    """Tell whether a file is there with all the tables."""
    if not path.exists():
        return False
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute("select table_name from duckdb_tables()").fetchall()
    return {name for (name,) in found} >= _TABLES


def build(path: Path, facts: int = FACT_ROWS, customers: int = CUSTOMERS) -> None:
    """Write the tables to `path`, in place of what stands there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(_CUSTOMERS, [customers])
        connection.execute(_ORDERS, [customers, facts])
        connection.execute(_SESSIONS, [facts * 3 // 10, facts])
        connection.execute(_TOUCHES, [customers, facts // 10])
        connection.execute(_PURCHASES, [facts * 3 // 10, facts // 10])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--facts", type=int, default=FACT_ROWS)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--file", type=Path, default=FILE)
    options = parser.parse_args()
    started = time.perf_counter()
    build(options.file, options.facts, options.customers)
    size = options.file.stat().st_size / 1e6
    print(f"{options.file.name}: {time.perf_counter() - started:.1f} s, {size:.0f} MB")


if __name__ == "__main__":
    main()
