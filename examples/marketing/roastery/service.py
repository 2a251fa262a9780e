"""Customer service, surveys, reviews, contacts; scores of customers; what others tell of themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from .calendar import (
    END,
    LAST_DAY,
    PARIS,
    business_minutes,
    busyness,
    day_in,
    days,
    in_business_hours,
    later,
    month_after,
    months,
    second_of_day,
    until_now,
    utc,
)  # fmt: skip
from .people import Customer, Order
from .tables import Row

_CHANNELS = ["email", "chat", "phone", None]


def tickets(rng: Random, customers: list[Customer], scale: float) -> list[Row]:
    """Requests: answered in business hours, nearly all; some solved, reopened and solved again."""
    rows: list[Row] = []
    for day in days():
        for _ in range(int(1.1 * scale * busyness(day) + rng.random())):
            at = utc(day, second_of_day(rng))
            known = [c for c in rng.choices(customers, k=2) if c.created_at < at]
            customer = known[0].customer_id if known and rng.random() > 0.12 else None
            rows.append(_ticket(rng, f"t{len(rows) + 1:05}", customer, at))
    return rows


def _ticket(rng: Random, ticket_id: str, customer: str | None, at: datetime) -> Row:
    channel = rng.choices(_CHANNELS, [52, 30, 16, 2])[0]
    wait = {"phone": 0.1, "chat": 0.6}.get(channel or "", 20.0)
    replied = until_now(in_business_hours(rng, later(rng, at, 0.01, wait))) if rng.random() > 0.05 else None
    solved = first_solved = reopened = None
    replies = 0
    if replied:
        replies = rng.choices([1, 2, 3, 6], [55, 25, 14, 6])[0]
        if rng.random() > 0.07:
            solved = first_solved = until_now(later(rng, replied, 0, 20 * replies))
        if first_solved and rng.random() < 0.09:
            reopened = until_now(later(rng, first_solved, 3, 400))
        if reopened:
            solved = until_now(later(rng, reopened, 2, 90)) if rng.random() > 0.15 else None
    told = rng.choices(["offered", "good", "bad"], [60, 33, 7])[0] if solved else "unoffered"
    minutes = business_minutes(at, replied) if replied else None
    return (ticket_id, customer, at, replied, minutes, first_solved, reopened, solved, channel, replies, told)


def survey_responses(rng: Random, orders: list[Order], tickets_: list[Row]) -> list[Row]:
    """Questions after orders (would you recommend us, are you content) and requests (was it easy)."""
    rows: list[Row] = []

    def ask(
        survey: str, question: str, who: str | None, at: datetime, of: tuple[str | None, str | None]
    ) -> None:
        invited = later(rng, at, 20, 200)
        if invited >= END:
            return
        low, high, answers, usual = _SCALES[survey]
        responded = (
            until_now(later(rng, invited, 0.1, rng.choice([10, 100, 500])))
            if rng.random() < answers
            else None
        )
        # Some open the question, and leave it.
        score = rng.choices(range(low, high + 1), usual)[0] if responded and rng.random() > 0.04 else None
        rows.append(
            (f"a{len(rows) + 1:05}", survey, question, who, invited, responded, score, low, high, *of)
        )

    for order in orders:
        if order.customer and not order.customer.is_internal:
            who, about = order.customer.customer_id, (None, order.order_id)
            if rng.random() < 0.5:
                ask("after-order", "nps", who, order.ordered_at + timedelta(days=10), about)
            if rng.random() < 0.5:
                # The tool was changed, and with it the scale.
                survey = "content-5" if order.ordered_at < datetime(2025, 9, 1) else "content-10"
                ask(survey, "csat", who, order.ordered_at + timedelta(days=5), about)
    for ticket in tickets_:
        if ticket[5]:
            ask("easy", "ces", ticket[1], ticket[5], (ticket[0], None))
    return rows


_SCALES: dict[str, tuple[int, int, float, list[int]]] = {
    "after-order": (0, 10, 0.38, [2, 1, 1, 1, 2, 5, 6, 13, 24, 24, 21]),
    "content-5": (1, 5, 0.34, [5, 6, 14, 40, 35]),
    "content-10": (1, 10, 0.3, [2, 2, 2, 3, 5, 6, 12, 24, 24, 20]),
    "easy": (1, 7, 0.31, [3, 4, 6, 12, 25, 30, 20]),
}
"""Of each survey the least and the greatest answer, how often it is answered, and with what."""


def reviews(rng: Random, orders: list[Order]) -> list[Row]:
    rows: list[Row] = []
    for order in orders:
        if rng.random() < 0.09:
            at = until_now(later(rng, order.ordered_at, 100, 900))
            if at:
                stars = rng.choices([1, 2, 3, 4, 5, None], [6, 5, 9, 27, 51, 2])[0]
                rows.append((f"w{len(rows) + 1:05}", at, rng.choice(["trustpilot", "google"]), stars))
    return sorted(rows, key=lambda row: row[1])


def interactions(rng: Random, customers: list[Customer], tickets_: list[Row]) -> list[Row]:
    """Contacts in both directions; callers who do not say who they are have no customer."""
    found = [(ticket[2], ticket[1], ticket[8] or "email", "inbound") for ticket in tickets_]
    for customer in customers:
        for order in customer.orders:
            if rng.random() < 0.2:
                at = until_now(later(rng, order.ordered_at, 48, 900))
                if at:
                    found.append((at, customer.customer_id, rng.choice(["email", "phone"]), "outbound"))
    found.sort(key=lambda row: (row[0], row[1] or ""))
    return [(f"i{n:05}", who, at, channel, way) for n, (at, who, channel, way) in enumerate(found, 1)]


def customer_rows(customers: list[Customer]) -> list[Row]:
    return [(c.customer_id, c.created_at, c.channel, c.segment, c.country, c.is_internal) for c in customers]


def customer_history(rng: Random, customers: list[Customer]) -> list[Row]:
    """What segment and status each customer had: prospects of a day, then active, some asleep."""
    rows: list[Row] = []
    for customer in customers:
        start = day_in(PARIS, customer.created_at)
        turns = [start]
        while rng.random() < 0.4:
            turn = turns[-1] + timedelta(days=rng.randrange(20, 260))
            if turn > LAST_DAY:
                break
            turns.append(turn)
        for place, turn in enumerate(turns):
            until = turns[place + 1] if place + 1 < len(turns) else None
            segment = customer.segment if until is None else rng.choice(["Home", "Office", customer.segment])
            rows.append((customer.customer_id, turn, until, segment, "asleep" if place % 2 else "active"))
    return rows


def customer_scores(rng: Random, customers: list[Customer]) -> list[Row]:
    """What a model says on the first of each month of those who have ordered in the half year before."""
    rows: list[Row] = []
    for month in months():
        now = datetime(month.year, month.month, month.day)
        for customer in customers:
            since = [now - order.ordered_at for order in customer.orders if order.ordered_at < now]
            if not since or since[-1] > timedelta(days=180):
                continue
            fresh = 1 - since[-1].days / 200
            buys = round(min(0.95, 0.05 * len(since) * fresh * rng.uniform(0.6, 1.4)), 4)
            revenue = Decimal(f"{42 * 4 * buys * rng.uniform(0.8, 1.2):.2f}")
            stays = Decimal(f"{365 * fresh * rng.uniform(0.5, 1):.2f}")
            lifetime = Decimal(f"{18 * len(since) + 120 * fresh * rng.uniform(0.5, 1.5):.2f}")
            rows.append(
                (customer.customer_id, month, buys, round((1 - fresh) * 0.2, 4), revenue, stays, lifetime)
            )
    return rows


def benchmarks(rng: Random) -> list[Row]:
    """Conversion and bounces of two competitors and of the sector by month; one does not tell of August."""
    conversion = {"Comptoir Arabica": 0.052, "Bean & Co": 0.061, "Coffee shops": 0.049}
    bounces = {"Comptoir Arabica": 0.36, "Coffee shops": 0.42}
    return [
        (kpi, name, month, month_after(month), round(rate * rng.uniform(0.85, 1.15), 4), "Association")
        for kpi, usual in (("conversion_rate_session", conversion), ("bounce_rate_ga4", bounces))
        for month in months()
        for name, rate in usual.items()
        if month < date(2026, 9, 1) and (name != "Bean & Co" or month.month != 8)
    ]
