"""Advertising, what campaigns cost, and e-mail: what platforms and tools report of the visits that came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from .calendar import LAST_DAY, busyness, day_in, days, later, month_after, months, until_now, utc
from .channels import ADVERTISING, CAMPAIGNS, MAILER, NEWSLETTERS, Campaign, runs, zone_of
from .people import Order
from .tables import Row

_RATES = {"CHF": 1.06, "GBP": 1.17, "USD": 0.92}
_SHOWN_PER_CLICK = {"google_ads": 24, "microsoft_ads": 33, "meta": 85, "tiktok": 120}


def exchange_rates(rng: Random) -> list[Row]:
    """Rates of each working day into euros and into francs; none at week-ends."""
    rows: list[Row] = []
    rates = {currency: Decimal(f"{rate:.8f}") for currency, rate in _RATES.items()}
    for day in days(date(2024, 1, 1)):
        if day.weekday() > 4:
            continue
        for currency, rate in rates.items():
            rates[currency] = (rate * (1 + Decimal(rng.randrange(-30, 31)) / 10_000)).quantize(
                Decimal("1e-8")
            )
        euro = {"EUR": Decimal(1), **rates}
        for into in ("EUR", "CHF"):
            rows.extend(
                (day, currency, into, (euro[currency] / euro[into]).quantize(Decimal("1e-8")))
                for currency in euro
                if currency != into
            )
    return rows


def campaign_rows() -> list[Row]:
    return [(c.platform, c.campaign_id, c.name, c.objective, c.started_on, c.ended_on) for c in CAMPAIGNS]


class Advertising:
    """What the platforms report of each day: in their own zone and currency, and late."""

    def __init__(
        self,
        rng: Random,
        clicks: dict[tuple[str, str], list[datetime]],
        orders: Iterable[Order],
        scale: float,
    ) -> None:
        self.rng = rng
        self.scale = scale
        self.performance: list[Row] = []
        self.shown: Counter[tuple[str, date]] = Counter()
        self.clicked: Counter[tuple[str, date]] = Counter()
        self.spent: defaultdict[tuple[Campaign, date], Decimal] = defaultdict(Decimal)
        self._visits = Counter(
            (campaign, day_in(zone_of(platform), at))
            for (platform, campaign), instants in clicks.items()
            for at in instants
        )
        self._orders: dict[tuple[str, date], list[Decimal]] = {}
        for order in orders:
            if order.campaign:
                platform, campaign = order.campaign
                day = day_in(zone_of(platform), order.ordered_at)
                self._orders.setdefault((campaign, day), []).append(order.value)
        for campaign in ADVERTISING:
            for day in days():
                # The report of the last day has not come yet, and now and then one is lost.
                if runs(campaign, day) and day < LAST_DAY and rng.random() > 0.012:
                    self._day(campaign, day)

    def _day(self, campaign: Campaign, day: date) -> None:
        rng = self.rng
        visits = self._visits[campaign.campaign_id, day]
        values = self._orders.get((campaign.campaign_id, day), [])
        groups = 2 if self.scale > 0.3 else 1
        for number in range(groups):
            # Some leave before the page is there, and are no visit.
            clicks = sum(rng.choice([1, 1, 1, 1, 1, 1, 1, 2]) for _ in range(number, visits, groups))
            usual = _SHOWN_PER_CLICK[campaign.platform]
            shown = int(clicks * usual * rng.uniform(0.7, 1.3)) + rng.randrange(int(usual * self.scale) + 1)
            if shown == 0 and rng.random() < 0.9:
                continue
            measurable = viewable = None
            if campaign.platform != "microsoft_ads":  # which does not tell
                measurable = int(shown * rng.uniform(0.85, 0.99))
                viewable = int(measurable * rng.uniform(0.45, 0.75))
            price = Decimal(f"{campaign.click_price * rng.uniform(0.7, 1.3):.6f}")
            spend = clicks * price
            # A platform shares an order among the clicks before it, its own or not.
            credit = Decimal(f"{rng.uniform(0.6, 1.25):.2f}")
            own = values[number::groups]
            worth = sum(own, Decimal(0)) * credit if campaign.objective == "conversions" else None
            group = f"{campaign.campaign_id}-{number + 1}"
            self.performance.append(
                (day, campaign.platform, campaign.account_id, campaign.campaign_id, group, f"{group}-a",
                 shown, measurable, viewable, clicks, spend, len(own) * credit, worth, campaign.currency)
            )  # fmt: skip
            self.shown[campaign.campaign_id, day] += shown
            self.clicked[campaign.campaign_id, day] += clicks
            self.spent[campaign, day] += spend

    def reach(self) -> list[Row]:
        """How many people each campaign and account reached in each month, and accounts in each week."""
        rows: list[Row] = []
        accounts = {
            c.account_id: [d for d in ADVERTISING if d.account_id == c.account_id] for c in ADVERTISING
        }
        for first in months():
            after = month_after(first)
            for campaign in ADVERTISING:
                rows.extend(self._reached(first, after, "campaign", campaign.campaign_id, [campaign]))
            for account, own in accounts.items():
                rows.extend(self._reached(first, after, "account", account or "", own))
        for first in days():
            if first.weekday() == 0 and first + timedelta(days=7) <= LAST_DAY:
                for account, own in accounts.items():
                    rows.extend(
                        self._reached(first, first + timedelta(days=7), "account", account or "", own)
                    )
        return rows

    def _reached(self, first: date, after: date, level: str, entity: str, own: list[Campaign]) -> list[Row]:
        within = [(c.campaign_id, day) for c in own for day in days(first, after - timedelta(days=1))]
        shown, clicked = (sum(counts[key] for key in within) for counts in (self.shown, self.clicked))
        if not shown:
            return []
        reach = max(1, int(shown / self.rng.uniform(2.2, 3.6)))
        people = min(reach, int(clicked * self.rng.uniform(0.78, 0.95)))
        return [(first, after, own[0].platform, level, entity, reach, people, shown)]

    def budgets(self) -> list[Row]:
        """The budget of each day until the end of the year, as it was planned: ahead of what is spent."""
        return [
            (day, campaign.platform, campaign.campaign_id, campaign.daily_budget * _plan(day, self.scale))
            for campaign in ADVERTISING
            for day in days(last=date(2026, 12, 31))
            if campaign.started_on <= day and (campaign.ended_on is None or day <= campaign.ended_on)
        ]

    def costs(self) -> list[Row]:
        """Media by the week, as it is invoiced on Sundays, then the people, tools and agencies behind it."""
        rows: list[Row] = []

        def cost(campaign: Campaign | None, day: date, kind: str, amount: Decimal, **more: str) -> None:
            of = (campaign.platform, campaign.campaign_id) if campaign else (None, None)
            hours = Decimal(more["hours"]) if "hours" in more else None
            currency = more.get("currency", campaign.currency if campaign else "EUR")
            rows.append((f"x{len(rows) + 1:05}", *of, day, kind, hours, amount, currency))

        part = Decimal(f"{self.scale:.4f}")
        for day in days():
            if day.weekday() == 6:
                week = list(days(day - timedelta(days=6), day))
                for campaign in ADVERTISING:
                    spent = sum((self.spent[campaign, of] for of in week), Decimal(0))
                    if spent:
                        cost(campaign, day, "media", spent)
            if day.day in (10, 20, 28):
                cost(None, day, "agency", 63 * part)
                cost(None, day, "salary", 207 * part, hours=f"{8 * self.scale + self.rng.randrange(2):.2f}")
                cost(None, day, "sales", 103 * part, hours=f"{4 * self.scale + self.rng.randrange(2):.2f}")
            if day.day == 1:
                cost(None, day, "tool", Decimal("59.00") * part, currency="USD")
        for campaign in NEWSLETTERS:
            cost(campaign, campaign.started_on, "creative", 12 * part, hours="2.50")
        return rows


def _plan(day: date, scale: float) -> Decimal:
    return Decimal(f"{0.27 * scale * round(busyness(day.replace(day=1)), 1):.4f}")


def email_sends(rng: Random, scale: float) -> list[Row]:
    """Newsletters to people who want them until they do not any more; some addresses bounce."""
    rows: list[Row] = []
    readers = [f"n{number:05}" for number in range(1, int(180 * scale) + 12)]
    for campaign in NEWSLETTERS:
        readers += [f"n{len(readers) + number + 20_000:05}" for number in range(int(6 * scale) + 1)]
        sent_at = utc(campaign.started_on, 7 * 3600 + 900)
        for place, reader in enumerate(list(readers)):
            row = _mailed(
                rng, f"m{len(rows) + 1:06}", campaign, reader, sent_at + timedelta(seconds=place // 3)
            )
            rows.append(row)
            if row[-2] or row[6] == "hard":
                readers.remove(reader)
    return rows


def _mailed(rng: Random, send_id: str, campaign: Campaign, reader: str, sent_at: datetime) -> Row:
    bounce = rng.choices([None, "soft", "hard"], [970, 22, 8])[0]
    delivered = None if bounce else later(rng, sent_at, 0, 0.2)
    opened = clicked = left = complained = None
    opens = clicks = 0
    if delivered and rng.random() < 0.41:
        opened = until_now(later(rng, delivered, 0, 30))
        opens = rng.choices([1, 2, 5], [70, 22, 8])[0]
    if delivered and rng.random() < (0.13 if opened else 0.004):  # pictures are off, and somebody clicks
        clicked = until_now(later(rng, opened or delivered, 0, rng.choice([2, 20, 400])))
        clicks = rng.choice([1, 1, 2, 3])
    if opened and rng.random() < 0.012:
        left = until_now(later(rng, opened, 0, 48))
    if delivered and rng.random() < 0.0008:
        complained = until_now(later(rng, delivered, 0, 90))
    return (send_id, MAILER, campaign.campaign_id, reader, sent_at, delivered, bounce, opened,
            opens if opened else 0, clicked, clicks if clicked else 0, left, complained)  # fmt: skip
