"""Who visits and buys, and what is remembered of them from one visit to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

COUNTRIES = ["FR", "BE", "CH", "GB", "DE", None]
COUNTRY_WEIGHTS = [60, 12, 11, 9, 5, 3]
CURRENCIES = {"CH": "CHF", "GB": "GBP"}
"""What is paid with where it is not the euro."""


def currency_of(country: str | None) -> str:
    return CURRENCIES.get(country or "FR", "EUR")


@dataclass(slots=True)
class Order:
    """An order that counts: neither a test nor cancelled."""

    order_id: str
    ordered_at: datetime
    customer: Customer | None
    campaign: tuple[str, str] | None
    """The platform and the campaign of the visit."""
    value: Decimal
    """In the order's own currency, before refunds."""


@dataclass(slots=True)
class Customer:
    customer_id: str
    created_at: datetime
    channel: str | None
    segment: str | None
    country: str | None
    is_internal: bool
    orders: list[Order] = field(default_factory=list)


@dataclass(slots=True)
class Lead:
    lead_id: str
    email_hash: str
    visitor_id: str | None
    created_at: datetime
    platform: str | None
    campaign_id: str | None
    score: int | None
    mql_at: datetime | None
    sql_at: datetime | None
    is_duplicate: bool
    expected: Decimal | None
    currency: str
    converted_at: datetime | None = None
    customer_id: str | None = None


@dataclass(slots=True)
class Visitor:
    """A browser; without consent it has no identifier, and nothing is remembered of it."""

    visitor_id: str | None
    country: str | None
    device: str | None
    is_internal: bool = False
    visits: int = 0
    first_channel: str = "Unassigned"
    customer: Customer | None = None
    lead: Lead | None = None
