"""Visits of the site: their events, and the carts, leads and orders that come of them."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from .calendar import END, PARIS, busyness, day_in, days, later, second_of_day, until_now, utc
from .channels import CONVERTS, Touch, draw_channel, touch
from .people import COUNTRIES, COUNTRY_WEIGHTS, Lead, Visitor, currency_of
from .shop import Shop
from .tables import Row

_VISITS_A_DAY = 42
_DEVICES = ["mobile", "desktop", "tablet", None]
SITE = "https://brulerie.example"
_PATHS = {
    "Home": ["/"],
    "Products": [f"/coffee/{name}" for name in ("moka", "sidamo", "huila", "decaf", "espresso", "filter")],
    "Guides": [f"/guide/{name}" for name in ("grinding", "aeropress", "water", "storing")],
    "Checkout": ["/cart", "/checkout", "/thanks"],
    "Company": ["/subscription", "/offices", "/contact"],
}
PAGES = [SITE + path for group in ("Home", "Products", "Guides", "Company") for path in _PATHS[group]]
"""Where visits begin."""
_LANDING_WEIGHTS = [30, *[6] * 6, *[7] * 4, 5, 4, 2]
_TERMS = ["decaf", "moka", "grinder", "gift", "organic", "filter v60"]


def page_rows(rng: Random) -> list[Row]:
    """The pages; those of the guides came one by one, and nobody knows since when the home page stands."""
    rows: list[Row] = []
    for group, paths in _PATHS.items():
        for number, path in enumerate(paths):
            published = (
                None if group == "Home" else utc(date(2023, 5 + number, 1 + rng.randrange(28)), 36_000)
            )
            rows.append((SITE + path, path, group, published))
    return rows


class Site:
    """What happened on the site so far."""

    def __init__(self, rng: Random, shop: Shop, scale: float) -> None:
        self.rng = rng
        self.shop = shop
        self.scale = scale
        self.sessions: list[Row] = []
        self.events: list[Row] = []
        self.carts: list[Row] = []
        self.own_carts: set[str | None] = set()
        self.campaign_clicks: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self._visitors = 0
        self._recent: deque[Visitor] = deque(maxlen=max(40, int(900 * scale)))
        self._planned: dict[date, list[tuple[Visitor, str | None, str | None]]] = defaultdict(list)

    def run(self) -> None:
        """Let everybody visit, day by day."""
        rng = self.rng
        for day in days():
            for visitor, channel, cart in self._planned.pop(day, ()):
                self._visit(day, visitor, channel, cart)
            for _ in range(_times(rng, _VISITS_A_DAY * self.scale * busyness(day))):
                self._visit(day, self._somebody(), None, None)
            if rng.random() < 0.9 * self.scale:
                self._order_by_phone(day)
            if day.day == 17:
                self.shop.goodwill(day)

    def _somebody(self) -> Visitor:
        rng = self.rng
        if self._recent and rng.random() < 0.34:
            return rng.choice(self._recent)
        visitor_id = None
        if rng.random() > 0.13:
            self._visitors += 1
            visitor_id = f"v{self._visitors:06}"
        country = rng.choices(COUNTRIES, COUNTRY_WEIGHTS)[0]
        return Visitor(visitor_id, country, rng.choices(_DEVICES, [60, 33, 6, 1])[0], rng.random() < 0.005)

    def _visit(self, day: date, visitor: Visitor, channel: str | None, cart: str | None) -> None:
        rng = self.rng
        at = utc(day, second_of_day(rng))
        if at > END - timedelta(hours=1):
            return
        automatic = "cart-reminder" if cart else None
        wanted = channel or draw_channel(rng, day, visitor.customer is not None)
        came = touch(rng, wanted, day, visitor.country, automatic)
        if not visitor.visits:
            visitor.first_channel = came.channel
        visitor.visits += 1
        if visitor.visitor_id and visitor.visits == 1:
            self._recent.append(visitor)
        if came.campaign:
            self.campaign_clicks[came.campaign.platform, came.campaign.campaign_id].append(at)
        Visit(self, visitor, at, came, cart, is_bot=rng.random() < 0.02 and not cart).run()

    def plan(
        self, visitor: Visitor, at: datetime, channel: str | None = None, cart: str | None = None
    ) -> None:
        """Let a visitor come again on the day of an instant; nobody is known again without consent."""
        if visitor.visitor_id and until_now(at):
            self._planned[day_in(PARIS, at)].append((visitor, channel, cart))

    def _order_by_phone(self, day: date) -> None:
        rng, at = self.rng, utc(day, self.rng.randrange(9 * 3600, 18 * 3600))
        customer = rng.choice(self.shop.customers) if self.shop.customers else None
        # Nobody who has just ordered calls at the same second.
        if customer and (not customer.orders or customer.orders[-1].ordered_at < at - timedelta(hours=24)):
            self.shop.order(at, Visitor(None, customer.country, None, customer=customer), None, None)


class Visit:
    """One visit, event by event."""

    def __init__(
        self, site: Site, visitor: Visitor, at: datetime, came: Touch, cart: str | None, *, is_bot: bool
    ) -> None:
        self.site, self.visitor, self.came, self.cart = site, visitor, came, cart
        self.is_bot, self.is_internal = is_bot, visitor.is_internal
        self.rng = site.rng
        self.started_at = self.now = at
        self.session_id = f"s{len(site.sessions) + 1:06}"
        signed_in = visitor.customer is not None and (cart is not None or site.rng.random() < 0.6)
        self.user_id = visitor.customer.customer_id if visitor.customer and signed_in else None
        self.views = self.hits = self.key_events = self.attention = 0

    def run(self) -> None:
        rng = self.rng
        landing = rng.choices(PAGES, _LANDING_WEIGHTS)[0] if not self.cart else SITE + "/cart"
        if rng.random() < 0.006:
            landing = SITE + "/spring-2023"  # a page that is gone
        if self.is_bot:
            self._crawl(rng.randrange(1, 40))
        else:
            self._browse(landing)
        came, campaign, known = self.came, self.came.campaign, self.visitor.visitor_id is not None
        self.site.sessions.append(
            (self.session_id, self.visitor.visitor_id, self.user_id, self.started_at, self.now,
             self.visitor.visits if known else None, came.source, came.medium,
             campaign and campaign.platform, campaign and campaign.campaign_id, landing, self.visitor.device,
             self.visitor.country, self.views, self.hits, self.key_events,
             Decimal(self.attention).scaleb(-3), Decimal(int((self.now - self.started_at).total_seconds())),
             self.is_bot, self.is_internal)
        )  # fmt: skip

    def _event(self, name: str, url: str | None, **told: object) -> None:
        visitor_id, is_key = self.visitor.visitor_id, name in ("purchase", "generate_lead")
        self.site.events.append(
            (f"e{len(self.site.events) + 1:07}", visitor_id, self.user_id, self.session_id, self.now, name,
             is_key, url, told.get("term"), told.get("attention"), told.get("transaction"), self.is_bot,
             self.is_internal)
        )  # fmt: skip
        self.key_events += is_key
        self.hits += name != "scroll"

    def _look(self, url: str) -> None:
        """View a page, for a while that is not always recorded."""
        rng = self.rng
        attention = int(rng.lognormvariate(9.4, 0.9)) if rng.random() > 0.12 else None
        self._event("page_view", url, attention=attention)
        self.views += 1
        self.attention += attention or 0
        if rng.random() < 0.3:
            self._wait(4)
            self._event("scroll", url)
        self._wait(3 + min(240, (attention or 9000) // 1000))

    def _crawl(self, pages: int) -> None:
        """Fetch page after page, one a second, as a robot does."""
        for number in range(pages):
            self._event("page_view", PAGES[number % len(PAGES)])
            self.views += 1
            self.now += timedelta(seconds=1)

    def _wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds + self.rng.randrange(5))

    def _browse(self, landing: str) -> None:
        rng = self.rng
        if self.cart:
            self._look(landing)
            self._check_out(0.6)
            return
        is_known = self.visitor.customer is not None
        if rng.random() < 0.36 and not is_known:
            attention = int(rng.lognormvariate(8.2, 1.0)) if rng.random() > 0.3 else None
            self._event("page_view", landing, attention=attention)
            self.views, self.attention = 1, attention or 0
            return
        self._look(landing)
        for _ in range(rng.choices([0, 1, 2, 4, 7], [20, 30, 25, 17, 8])[0]):
            self._look(rng.choice(PAGES))
        if rng.random() < 0.07:
            self._event("view_search_results", SITE + "/search", term=rng.choice(_TERMS))
            self._wait(8)
        is_unknown = self.visitor.lead is None and not is_known and not self.is_internal
        if is_unknown and rng.random() < 0.021:
            self._leave_address()
        self._consider(is_known)

    def _consider(self, is_known: bool) -> None:
        """Look at a product, perhaps put it into the cart, perhaps buy it."""
        rng = self.rng
        likely = CONVERTS.get(self.came.channel, 1.0) * (
            1.7 if is_known else 1.4 if self.visitor.lead else 1.0
        )
        if rng.random() > 0.6:
            return
        self._look(rng.choice(PAGES[1:7]))
        self._event("view_item", PAGES[1])
        self._wait(12)
        if rng.random() > 0.22 * likely:
            return
        self._event("add_to_cart", PAGES[1])
        self.cart = f"k{len(self.site.carts) + 1:05}"
        self.site.carts.append((self.cart, self.visitor.visitor_id, self.user_id, self.now, None))
        if self.is_internal:
            self.site.own_carts.add(self.cart)
        self._wait(15)
        self._check_out(0.62 if is_known else 0.5)

    def _check_out(self, begins: float) -> None:
        rng, site = self.rng, self.site
        if rng.random() > begins:
            self._come_back_for(0.3)
            return
        self._look(SITE + "/checkout")
        self._event("begin_checkout", SITE + "/checkout")
        row = site.carts[int((self.cart or "k0")[1:]) - 1]
        site.carts[int((self.cart or "k0")[1:]) - 1] = (*row[:4], row[4] or self.now)
        self._wait(50)
        if rng.random() > 0.74:
            self._come_back_for(0.4)
            return
        self._buy()

    def _come_back_for(self, chance: float) -> None:
        rng, site = self.rng, self.site
        if rng.random() < chance:
            channel = "Email" if rng.random() < 0.6 else "Direct"
            site.plan(self.visitor, later(rng, self.now, 8, 90), channel, self.cart)

    def _buy(self) -> None:
        rng, visitor, site, shop = self.rng, self.visitor, self.site, self.site.shop
        if visitor.customer is None and rng.random() > 0.24 and visitor.visitor_id:
            visitor.customer = shop.new_customer(self.now, visitor)
            visitor.is_internal = visitor.customer.is_internal  # from the next visit on
        if visitor.is_internal:
            site.own_carts.add(self.cart)
        campaign = self.came.campaign
        order_id = shop.order(
            self.now,
            visitor,
            self.session_id if rng.random() > 0.04 else None,
            self.cart,
            (campaign.platform, campaign.campaign_id) if campaign else None,
        )
        self._event("purchase", SITE + "/thanks", transaction=order_id)
        self._wait(5)
        self._look(SITE + "/thanks")
        if rng.random() < 0.03:  # the page of thanks is loaded again
            self._wait(600)
            self._event("purchase", SITE + "/thanks", transaction=order_id)
        while rng.random() < 0.62:
            site.plan(visitor, later(rng, self.now, 24 * 12, 24 * 95))

    def _leave_address(self) -> None:
        """Ask for a tasting: a lead, which now and then the CRM has already."""
        rng, visitor, shop = self.rng, self.visitor, self.site.shop
        self._event("generate_lead", SITE + "/offices")
        campaign, currency = self.came.campaign, currency_of(visitor.country)
        mql = later(rng, self.now, 1, 24 * 50) if rng.random() < 0.46 else None
        sql = later(rng, mql, 10, 24 * 20) if mql and rng.random() < 0.55 else None
        expected = Decimal(rng.randrange(2000, 26_000)).scaleb(-2) if rng.random() > 0.04 else None
        known = shop.leads[-1].email_hash if shop.leads and rng.random() < 0.09 else None
        lead = Lead(
            f"l{len(shop.leads) + 1:05}", known or f"{rng.randrange(16**12):012x}", visitor.visitor_id,
            self.now, campaign and campaign.platform, campaign and campaign.campaign_id,
            rng.randrange(5, 100) if rng.random() > 0.05 else None, until_now(mql), until_now(sql),
            known is not None and rng.random() < 0.5, expected, currency
        )  # fmt: skip
        shop.leads.append(lead)
        self._wait(20)
        if not lead.is_duplicate:
            visitor.lead = lead
            for _ in range(rng.choices([0, 1, 2, 4], [30, 30, 25, 15])[0]):
                self.site.plan(visitor, later(rng, self.now, 24, 24 * 80))


def _times(rng: Random, expected: float) -> int:
    """About so many times."""
    drawn = expected * rng.uniform(0.8, 1.2)
    return int(drawn) + (rng.random() < drawn % 1)
