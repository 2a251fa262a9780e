"""The tables as the roastery has them: most are the lexicon's, some are as other software writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .calendar import PARIS, UTC
from .tables import COLUMNS, Row, Tables, typed


@dataclass(frozen=True, slots=True)
class Stored:
    """A table: its name, its columns with their types, and its rows."""

    schema: str
    table: str
    columns: tuple[tuple[str, str], ...]
    rows: list[Row]


_Written = tuple[str, str, str, Callable[[dict[str, Any]], tuple[object, ...]]]


def _ads(row: dict[str, Any]) -> tuple[object, ...]:
    # Clicks are told with those that were taken back, and money in millionths.
    invalid = row["clicks"] // 9
    return (
        row["served_on"],
        row["platform"],
        row["account_id"],
        row["campaign_id"],
        row["ad_group_id"],
        row["ad_id"],
        row["impressions"],
        row["measurable_impressions"],
        row["viewable_impressions"],
        row["clicks"] + invalid,
        invalid,
        int(row["spend_amount"] * 1_000_000),
        row["conversions"],
        row["conversions_amount"],
        row["currency"],
    )


def _sessions(row: dict[str, Any]) -> tuple[object, ...]:
    # Media are written as whoever made the link liked it.
    medium = row["medium"]
    if medium in ("cpc", "email") and int(row["session_id"][1:]) % 7 == 0:
        row["medium"] = medium.upper() if medium == "cpc" else medium.capitalize()
    return tuple(row.values())


def _orders(row: dict[str, Any]) -> tuple[object, ...]:
    discount = row["discount_amount"]
    return (
        row["order_id"],
        row["customer_id"],
        row["session_id"],
        row["cart_id"],
        row["ordered_at"],
        row["cancelled_at"],
        row["is_test"],
        row["gross_amount"] - (discount or 0),
        discount,
        row["shipping_amount"],
        row["tax_amount"],
        row["refunded_amount"],
        row["currency"],
    )


def _contacts(row: dict[str, Any]) -> tuple[object, ...]:
    merged = f"x{row['lead_id']}" if row.pop("is_duplicate") else None
    return (*row.values(), merged)


def _contracts(row: dict[str, Any]) -> tuple[object, ...]:
    row["monthly_amount"] = int(row["monthly_amount"] * 100)
    return tuple(row.values())


def _requests(row: dict[str, Any]) -> tuple[object, ...]:
    """The help desk counts its requests, shows the clock of Paris, and measures in seconds."""

    def on_the_clock(instant: datetime | None) -> datetime | None:
        return instant and instant.replace(tzinfo=UTC).astimezone(PARIS).replace(tzinfo=None)

    waited = row["first_reply_business_time"]
    times = ("created_at", "first_reply_at", "first_solved_at", "first_reopened_at", "solved_at")
    return (
        int(row["ticket_id"][1:]),
        row["customer_id"],
        *(on_the_clock(row[time]) for time in times),
        None if waited is None else 60 * waited,
        row["contact_channel"],
        row["agent_replies"],
        row["satisfaction"],
    )


_OTHERWISE: Mapping[str, _Written] = {
    "ad_performance": (
        "raw",
        "ads_daily",
        """day date, network text, account text, campaign text, adgroup text, ad text, impr integer,
        impr_measurable integer, impr_viewable integer, clicks integer, invalid_clicks integer,
        cost_micros integer, conv decimal(18,6), conv_value decimal(18,6), currency_code text""",
        _ads,
    ),
    "sessions": (
        "web",
        "sessions",
        ", ".join(f"{'utm_' * (name == 'medium')}{name} {type_}" for name, type_ in COLUMNS["sessions"]),
        _sessions,
    ),
    "orders": (
        "shop",
        "orders",
        """id text, user_id text, session_id text, cart_id text, placed_at timestamp, cancelled_at timestamp,
        test boolean, subtotal decimal(18,2), total_discounts decimal(18,2), total_shipping decimal(18,2),
        total_tax decimal(18,2), total_refunded decimal(18,2), currency text""",
        _orders,
    ),
    "leads": (
        "crm",
        "contacts",
        """lead_id text, email_hash text, visitor_id text, created_at timestamp, platform text,
        campaign_id text, score integer, mql_at timestamp, sql_at timestamp, won_at timestamp,
        customer_id text,
        expected_amount decimal(18,2), currency text, merged_into text""",
        _contacts,
    ),
    "memberships": (
        "shop",
        "subscriptions",
        "customer_id text, starts_on date, ends_on date, amount_cents integer, currency text",
        _contracts,
    ),
    "tickets": (
        "helpdesk",
        "requests",
        """number integer, customer_id text, opened timestamp, answered timestamp, solved_first timestamp,
        reopened timestamp, solved timestamp, waited integer, way text, answers integer, rating text""",
        _requests,
    ),
}
"""Of each dataset whose table is not the lexicon's: where it is, its columns, and how a row is written."""


def stored(star: Tables) -> dict[str, Stored]:
    """Return the table of each dataset as it is stored."""
    found: dict[str, Stored] = {}
    for name, rows in star.items():
        columns = COLUMNS[name]
        if name not in _OTHERWISE:
            found[name] = Stored("marketing", name, columns, rows)
            continue
        schema, table, text, write = _OTHERWISE[name]
        keys = [column for column, _ in columns]
        written = [write(dict(zip(keys, row, strict=True))) for row in rows]
        found[name] = Stored(schema, table, typed(text), written)
    return found


def canonical(star: Tables) -> dict[str, Stored]:
    """Return the tables as the lexicon has them, for what was written for these."""
    return {name: Stored("marketing", name, COLUMNS[name], rows) for name, rows in star.items()}
