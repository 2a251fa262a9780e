"""Social networks and search engines: what is shown there, and to how many."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from .calendar import FIRST_DAY, LAST_DAY, busyness, days, month_after, months
from .site import PAGES, SITE
from .tables import Row

ACCOUNTS = {
    ("instagram", "@brulerie"): 5200,
    ("facebook", "brulerie"): 3900,
    ("tiktok", "@brulerie.cafe"): 150,
    ("linkedin", "la-brulerie"): 420,
}
"""The accounts, with their followers on the first day."""
_EVERY = {"instagram": 4, "facebook": 6, "tiktok": 9, "linkedin": 16}
"""Each how many days an account posts something."""


class Social:
    """Accounts and their posts, day by day."""

    def __init__(self, rng: Random, scale: float) -> None:
        self.rng = rng
        self.part = min(1.0, scale)
        self.posts: list[Row] = []
        self.accounts: list[Row] = []
        self.reach: list[Row] = []
        self._shown: Counter[tuple[str, date]] = Counter()
        for (platform, account), followers in ACCOUNTS.items():
            by_day = self._account(platform, account, int(followers * self.part) + 20)
            day = FIRST_DAY + timedelta(days=rng.randrange(3))
            while day <= LAST_DAY:
                self._post(platform, account, day, by_day[day])
                day += timedelta(days=rng.randrange(1, 2 * int(_EVERY[platform] / self.part**0.5)))
            self._reach(platform, account)

    def _account(self, platform: str, account: str, followers: int) -> dict[date, int]:
        """Followers at the end of each day; some days have no snapshot, and LinkedIn's is a day late."""
        rng, grows = self.rng, 0.0035 if platform == "tiktok" else 0.0011
        by_day: dict[date, int] = {}
        for day in days():
            new = int(followers * grows * rng.uniform(0.2, 2.2) + rng.random())
            gone = int(followers * 0.0005 * rng.uniform(0, 2) + rng.random() * 0.8)
            followers += new - gone
            by_day[day] = followers
            if rng.random() > 0.02 and not (platform == "linkedin" and day == LAST_DAY):
                self.accounts.append((platform, account, day, followers, new, gone))
        return by_day

    def _post(self, platform: str, account: str, published: date, followers: int) -> None:
        """Two weeks of a post, ever quieter. What a network does not tell is null."""
        rng = self.rng
        post = f"{platform[:2]}-{published:%y%m%d}"
        kind = "video" if platform == "tiktok" else rng.choice(["photo", "video", "carousel"])
        luck = rng.lognormvariate(0, 0.6)
        for age in range(14):
            day = published + timedelta(days=age)
            shown = int(followers * 0.22 * luck * 0.55**age)
            if day > LAST_DAY or (age > 2 and shown == 0):
                break
            likes = int(shown * rng.uniform(0.02, 0.07))
            comments = int(likes * rng.uniform(0, 0.12) + rng.random() * 0.7)
            shares = int(likes * rng.uniform(0, 0.1) + rng.random() * 0.5)
            is_told = platform != "instagram"
            # Views in the place of impressions, and beside them.
            gave_up = platform == "instagram" and day >= date(2025, 4, 21)
            views = int(shown * 1.15) if gave_up or platform == "tiktok" else None
            self.posts.append(
                (platform, post, day, account, published, kind,
                 None if gave_up or (platform == "linkedin" and not age) else shown, views,
                 int(shown * rng.uniform(0.002, 0.02)) if is_told else None, likes, comments,
                 shares if is_told else None, int(likes * 0.1) if platform == "instagram" else None)
            )  # fmt: skip
            self._shown[account, day] += shown

    def _reach(self, platform: str, account: str) -> None:
        """People reached, of months and of weeks: fewer than were shown something."""
        weeks = [day for day in days() if day.weekday() == 0 and day + timedelta(days=7) <= LAST_DAY]
        spans = [(first, month_after(first)) for first in months()]
        spans += [(first, first + timedelta(days=7)) for first in weeks]
        for first, after in spans:
            shown = sum(self._shown[account, day] for day in days(first, after - timedelta(days=1)))
            if shown and platform != "linkedin":  # which tells nobody
                self.reach.append(
                    (platform, account, first, after, int(shown / self.rng.uniform(1.3, 2.1)) + 1)
                )


_QUERIES = {
    "brulerie": 1.2, "café en grains": 9.5, "fresh coffee beans": 6.2, "café moka": 4.1, "sidamo": 5.5,
    "coffee grinder": 12.4, "aeropress": 14.8, "": 8.0,
}  # fmt: skip
"""What is searched, and where the site stands for it; the empty text is what the engine keeps back."""


class Search:
    """What a search engine shows of the site; its figures come three days late, by days of the Pacific."""

    def __init__(self, rng: Random, scale: float) -> None:
        self.site: list[Row] = []
        self.pages: list[Row] = []
        tells = min(1.0, 0.15 + 0.5 * scale)
        for day in days(last=LAST_DAY - timedelta(days=3)):
            for query, place in _QUERIES.items():
                for country, device in (
                    ("fra", "MOBILE"),
                    ("fra", "DESKTOP"),
                    ("gbr", "MOBILE"),
                    ("bel", "MOBILE"),
                ):
                    if rng.random() < (0.8 if country == "fra" else 0.3) * tells:
                        self._found(rng, day, query, place, country, device, scale)

    def _found(
        self, rng: Random, day: date, query: str, place: float, country: str, device: str, scale: float
    ) -> None:
        shown = int(busyness(day) * rng.uniform(4, 40) * min(1.0, scale + 0.2)) + 1
        better = 1 - 0.25 * (day - FIRST_DAY).days / 730
        top = [max(0, int(rng.gauss(place * better, 2))) for _ in range(shown)]
        clicks = sum(rng.random() < 0.19 / (1 + position) for position in top)
        key = (query, query == "", country, "WEB", device)
        self.site.append((day, SITE, *key, shown, clicks, sum(top), sum(top) / shown + 1))
        # In some of the answers a second page stands below the first: one more impression by page.
        first, second = rng.sample(PAGES, 2)
        also = sum(rng.random() < 0.2 for _ in range(shown))
        gone = min(clicks, int(also * 0.1))
        self.pages.append((day, SITE, first, *key, shown, clicks - gone, sum(top)))
        if also:
            self.pages.append((day, SITE, second, *key, also, gone, sum(place + 3 for place in top[:also])))


def keyword_ranks(rng: Random) -> list[Row]:
    """Places of keywords, looked up each Monday; the site is not always among the first hundred."""
    rows: list[Row] = []
    keywords = {
        "café en grains": 12_000,
        "coffee beans": 40_500,
        "moka": 8_100,
        "sidamo": 1300,
        "machine à café": 60_500,
    }
    for day in days():
        if day.weekday():
            continue
        for keyword, volume in keywords.items():
            for device in ("desktop", "mobile"):
                usual = 4 + len(keyword) * 0.9 - 4 * (day - FIRST_DAY).days / 730
                place = max(1, int(rng.gauss(usual, 4)))
                found = place if rng.random() > 0.06 else None
                locale = "en-GB" if keyword == "coffee beans" else "fr-FR"
                rows.append(
                    (day, keyword, "google", device, locale, found, volume if rng.random() > 0.02 else None)
                )
    return rows


def click_curve() -> list[Row]:
    """Which part of the searches clicks at each place: nothing is known beyond the twentieth."""
    return [
        (place, (Decimal("0.29") / Decimal(place) ** 1).quantize(Decimal("1e-6"))) for place in range(1, 21)
    ]


def site_snapshots(rng: Random) -> list[Row]:
    """What engines know of the site and of its blog, each Sunday; the blog's last weeks are missing."""
    rows: list[Row] = []
    for url, pages, links in ((SITE, 64, 900), ("https://blog.brulerie.example", 25, 210)):
        for day in days():
            if day.weekday() != 6 or (pages < 90 and "blog" in url and (LAST_DAY - day).days < 20):
                continue
            pages += rng.random() < 0.3
            links += rng.randrange(-4, 9)
            submitted = pages if rng.random() > 0.04 else None
            rows.append((day, url, submitted, int(pages * rng.uniform(0.82, 0.97)), links, links // 6))
    return rows


def brand_searches(rng: Random) -> list[Row]:
    brands = {"La Brûlerie": 2100, "Comptoir Arabica": 5200, "Torréfaction du Port": 3100, "Bean & Co": 7400}
    return [
        (month, brand, brand == "La Brûlerie", int(searches * rng.uniform(0.85, 1.2) * busyness(month) / 1.2))
        for month in months()
        for brand, searches in brands.items()
    ]
