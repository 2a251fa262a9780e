"""Orders with their lines and refunds, customers and their subscriptions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from .calendar import FIRST_DAY, LAST_DAY, PARIS, day_in, later, until_now
from .people import Customer, Lead, Order, Visitor, currency_of
from .tables import Row

_CENT = Decimal("0.01")
_PRICES = {"CHF": Decimal("1.12"), "GBP": Decimal("0.87"), "EUR": Decimal(1)}
_TAXES = {"FR": "0.055", "BE": "0.06", "DE": "0.07", "CH": "0.026", "GB": "0"}
_CATEGORIES = ["Beans"] * 20 + ["Machines"] * 6 + ["Accessories"] * 10 + ["Filters"] * 4
_RANGES = {
    "Beans": (750, 1900),
    "Machines": (9900, 44_900),
    "Accessories": (900, 5900),
    "Filters": (350, 990),
}


class Shop:
    """What was sold so far, and to whom."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.products: list[Row] = []
        self.prices: dict[str, Decimal] = {}
        self.by_category: dict[str, list[str]] = {}
        self.customers: list[Customer] = []
        self.leads: list[Lead] = []
        self.counted: list[Order] = []
        self.orders: list[Row] = []
        self.lines: list[Row] = []
        self.refunds: list[Row] = []
        for number, category in enumerate(_CATEGORIES, 1):
            product = f"p{number:02}"
            self.prices[product] = Decimal(rng.randrange(*_RANGES[category], 10)).scaleb(-2)
            self.by_category.setdefault(category, []).append(product)
            # Nobody has sorted the newest one yet.
            self.products.append((product, None if number == len(_CATEGORIES) else category))

    def new_customer(self, at: datetime, visitor: Visitor) -> Customer:
        """Open an account; now and then it turns out to be that of somebody who works here."""
        rng = self.rng
        segment = rng.choices(["Home", "Office", "Gourmet", None], [68, 14, 12, 6])[0]
        known = visitor.first_channel if rng.random() > 0.05 else None
        customer = Customer(
            f"c{len(self.customers) + 1:05}",
            later(rng, at, -2, 0),
            known,
            segment,
            visitor.country,
            rng.random() < 0.01 or visitor.is_internal,
        )
        self.customers.append(customer)
        return customer

    def order(
        self,
        at: datetime,
        buyer: Visitor,
        session_id: str | None,
        cart_id: str | None,
        campaign: tuple[str, str] | None = None,
    ) -> str:
        """Write an order of a visitor, who is a customer by now or a guest; return its identifier."""
        rng = self.rng
        order_id = f"o{len(self.orders) + 1:06}"
        currency = currency_of(buyer.country)
        off = rng.choices([0, 10, 15], [78, 16, 6])[0]
        day = day_in(PARIS, at)
        if day.month == 11 and 24 <= day.day <= 30:
            off = max(off, 15)
        lines = [
            (f"{order_id}-{number}", order_id, *line)
            for number, line in enumerate(self._lines(currency, off, buyer.lead is not None), 1)
        ]
        gross = sum((line[-1] for line in lines), Decimal("0.00"))
        net = sum((line[4] for line in lines), Decimal("0.00"))
        fate = rng.random()
        is_own = buyer.is_internal or (buyer.customer is not None and buyer.customer.is_internal)
        is_test, is_cancelled = fate < 0.01 or is_own, 0.01 <= fate < 0.04
        shipping = Decimal("0.00") if gross >= 45 else Decimal("4.90")
        tax = (net * Decimal(_TAXES.get(buyer.country or "FR", "0.055"))).quantize(_CENT)
        refunded = None if is_test else self._refund(order_id, at, [line[4] for line in lines], currency)
        customer_id = buyer.customer.customer_id if buyer.customer else None
        if customer_id and rng.random() < 0.01:
            customer_id = (
                f"old-{rng.randrange(900)}"  # of the shop before this one, whose customers were not kept
            )
        self.orders.append(
            (order_id, customer_id, session_id, cart_id, at,
             until_now(later(rng, at, 0.2, 30)) if is_cancelled else None, is_test, gross,
             gross - net if off else rng.choice([None, Decimal("0.00")]), shipping, tax, refunded,
             currency if is_own or not is_test else None)
        )  # fmt: skip
        self.lines.extend(line[:-1] for line in lines)
        if not is_test and not is_cancelled:
            self._count(Order(order_id, at, buyer.customer, campaign, net), buyer)
        return order_id

    def _count(self, order: Order, buyer: Visitor) -> None:
        self.counted.append(order)
        if buyer.customer is not None:
            buyer.customer.orders.append(order)
            if buyer.lead is not None and buyer.lead.converted_at is None:
                buyer.lead.converted_at, buyer.lead.customer_id = order.ordered_at, buyer.customer.customer_id

    def _lines(self, currency: str, off: int, is_large: bool) -> list[tuple[object, ...]]:
        """Of each line product, quantity, net amount, cost, whether it is an add-on, and list price."""
        rng = self.rng
        chosen = [("Beans", rng.choices([1, 2, 3, 6], [52, 28, 12, 8])[0], False)]
        if rng.random() < 0.4:
            chosen.append(("Beans", rng.choice([1, 1, 2]), False))
        if rng.random() < (0.2 if is_large else 0.06):
            chosen.append(("Machines", 1, False))
        if rng.random() < 0.26:
            chosen.append((rng.choice(["Accessories", "Filters"]), 1, True))
        lines: list[tuple[object, ...]] = []
        for category, quantity, is_addon in chosen:
            product = rng.choice(self.by_category[category])
            listed = (self.prices[product] * _PRICES[currency] * quantity).quantize(_CENT)
            net = (listed * (100 - off) / 100).quantize(_CENT)
            cost = (listed * Decimal(rng.randrange(38, 56)) / 100).quantize(_CENT)
            known = product if rng.random() > 0.003 else "p99"
            lines.append((known, quantity, net, cost, is_addon, listed))
        return lines

    def _refund(self, order_id: str, at: datetime, nets: list[Decimal], currency: str) -> Decimal | None:
        """What has been paid back of an order until now: all of it, or a line, or two lines in turn."""
        rng = self.rng
        if rng.random() > 0.075:
            return None
        amounts = [sum(nets, Decimal(0))] if rng.random() < 0.35 else nets[: rng.choice([1, 1, 2])]
        back = None
        for amount in amounts:
            at = later(rng, at, 40, 1500)
            if until_now(at):
                self.refunds.append((f"r{len(self.refunds) + 1:05}", order_id, at, amount, currency))
                back = amount + (back or 0)
        return back

    def goodwill(self, day: date) -> None:
        """Money given back for no order, as for a late parcel: it is in the ledger, and not a return."""
        at = datetime(day.year, day.month, day.day, 9, 30)
        self.refunds.append((f"r{len(self.refunds) + 1:05}", None, at, Decimal("5.00"), "EUR"))


def memberships(rng: Random, customers: list[Customer]) -> list[Row]:
    """Subscriptions: months with an amount. Some change it, some leave, some come back."""
    rows: list[Row] = []
    for customer in customers:
        if not customer.orders or rng.random() > 0.24:
            continue
        start = day_in(PARIS, customer.orders[0].ordered_at) + timedelta(days=rng.randrange(1, 40))
        if rng.random() < 0.25:
            start = max(FIRST_DAY, start - timedelta(days=300))
        amount = rng.choice([Decimal("19.00"), Decimal("29.00"), Decimal("45.00")])
        rows.extend(_subscription(rng, customer, start, amount))
    return rows


def _subscription(rng: Random, customer: Customer, start: date, amount: Decimal) -> list[Row]:
    rows: list[Row] = []
    held = until = begun = start
    while held <= LAST_DAY:
        until += timedelta(days=30)
        row = (customer.customer_id, held, until, amount, currency_of(customer.country))
        fate = rng.random()
        if until > LAST_DAY:
            rows.append((*row[:2], None, *row[3:]))
            break
        if fate < (0.075 if (until - begun).days < 100 else 0.035):
            rows.append(row)
            if rng.random() > 0.15:
                break
            held = until = begun = until + timedelta(days=rng.randrange(45, 160))
        elif fate > 0.975:
            rows.append(row)
            held, amount = until, amount + rng.choice([-5, 5, 10])
    return rows
