"""What brings visits: channels, what the analytics tool writes for them, and the campaigns behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from .calendar import FIRST_DAY, LAST_DAY, PARIS, days

START = date(2024, 9, 1)


@dataclass(frozen=True, slots=True)
class Campaign:
    platform: str
    campaign_id: str
    name: str
    objective: str
    account_id: str | None = None
    currency: str = "EUR"
    click_price: float = 0.0
    """In the account's currency."""
    daily_budget: int = 0
    country: str | None = None
    """Only people there see it."""
    started_on: date = START
    ended_on: date | None = None


ZONES = {"microsoft_ads": ZoneInfo("Europe/London"), "tiktok": ZoneInfo("America/Los_Angeles")}
"""The zone that cuts the days of a platform's reports, where it is not Paris."""

_SUISSE_ENDS = date(2026, 3, 31)
ADVERTISING = (
    Campaign("google_ads", "g-brand", "Brand", "conversions", "ga-101", "EUR", 0.22, 2),
    Campaign("google_ads", "g-shop", "Shopping", "conversions", "ga-101", "EUR", 0.48, 5),
    Campaign("google_ads", "g-generic", "Coffee beans", "traffic", "ga-101", "EUR", 0.71, 5),
    Campaign("microsoft_ads", "b-uk", "Coffee UK", "conversions", "ms-3", "GBP", 0.39, 2, "GB"),
    Campaign("meta", "m-pro", "Prospecting", "reach", "act-7", "EUR", 0.55, 6),
    Campaign("meta", "m-ret", "Retargeting", "conversions", "act-7", "EUR", 0.33, 2),
    Campaign("meta", "m-ch", "Suisse", "conversions", "act-8", "CHF", 0.52, 2, "CH", ended_on=_SUISSE_ENDS),
    Campaign("tiktok", "t-video", "Videos", "reach", "tt-1", "USD", 0.29, 3, started_on=date(2025, 3, 3)),
)

MAILER = "mailer"
_AUTOMATIC = (
    Campaign(MAILER, "welcome", "Welcome", "activation"),
    Campaign(MAILER, "cart-reminder", "Forgotten cart", "conversions"),
)


def _newsletter_days() -> list[date]:
    """The second and the fourth Thursday of each month."""
    return [day for day in days() if day.weekday() == 3 and (8 <= day.day <= 14 or 22 <= day.day <= 28)]


def _newsletter(day: date) -> Campaign:
    named = f"news-{day:%Y-%m-%d}", f"Newsletter {day:%d.%m.%Y}"
    return Campaign(MAILER, *named, "retention", started_on=day, ended_on=day + timedelta(days=7))


NEWSLETTERS = tuple(map(_newsletter, _newsletter_days()))
CAMPAIGNS = (*ADVERTISING, *_AUTOMATIC, *NEWSLETTERS)

WEIGHTS = {
    "Organic Search": 27,
    "Paid Search": 17,
    "Paid Social": 13,
    "Organic Social": 8,
    "Email": 11,
    "Referral": 6,
    "Direct": 12,
    "Display": 2,
    "Affiliates": 2,
    "Unassigned": 2,
}
CONVERTS = {
    "Email": 1.5,
    "Direct": 1.3,
    "Paid Search": 1.2,
    "Organic Social": 0.6,
    "Paid Social": 0.55,
    "Display": 0.3,
}
"""How much oftener than others the visits of a channel end with an order."""

_SOURCES: dict[str, list[tuple[str | None, str | None]]] = {
    "Organic Search": [("google", "organic")] * 2 + [("bing", "organic"), ("ecosia", "organic")],
    "Organic Social": [("instagram", "social"), ("facebook", "social"), ("tiktok", "social")],
    "Referral": [("cafe-blog.example", "referral"), ("moulin.example", "referral")],
    "Direct": [("(direct)", "(none)"), ("(direct)", "(none)"), ("(direct)", None)],
    "Display": [("partner-network", "display")],
    "Affiliates": [("bons-plans.example", "affiliate")],
    "Unassigned": [(None, None), ("flyer", "qr-code")],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Touch:
    """What the tool knows of how a visit came about."""

    channel: str
    source: str | None
    medium: str | None
    campaign: Campaign | None = None


def draw_channel(rng: Random, day: date, is_customer: bool) -> str:
    """A channel; customers come by e-mail and by themselves, and social networks grow."""
    grown = (day - FIRST_DAY).days / (LAST_DAY - FIRST_DAY).days
    weights = dict(WEIGHTS)
    weights["Organic Social"] += int(6 * grown)
    weights["Paid Search"] -= int(4 * grown)
    if is_customer:
        weights |= {"Email": 38, "Direct": 26, "Paid Social": 5, "Paid Search": 9}
    return rng.choices(list(weights), list(weights.values()))[0]


def touch(rng: Random, channel: str, day: date, country: str | None, automatic: str | None = None) -> Touch:
    """How a visit of a channel is recorded; advertising that does not run on the day is a search instead."""
    if channel == "Email":
        if automatic:
            found = next(campaign for campaign in _AUTOMATIC if campaign.campaign_id == automatic)
            return Touch(channel, "crm", "e-mail", found)
        sent = [campaign for campaign in NEWSLETTERS if campaign.started_on <= day]
        return Touch(channel, "newsletter", "email", sent[-1] if sent else _AUTOMATIC[0])
    if channel in ("Paid Search", "Paid Social"):
        is_search = channel == "Paid Search"
        running = [
            campaign
            for campaign in ADVERTISING
            if (campaign.platform in ("google_ads", "microsoft_ads")) is is_search
            and runs(campaign, day)
            and campaign.country in (None, country)
        ]
        if not running:
            return Touch("Organic Search", "google", "organic")
        chosen = rng.choice(running)
        if is_search:
            return Touch(channel, "google" if chosen.platform == "google_ads" else "bing", "cpc", chosen)
        source = "tiktok" if chosen.platform == "tiktok" else rng.choice(["facebook", "instagram"])
        return Touch(channel, source, "paid_social", chosen)
    return Touch(channel, *rng.choice(_SOURCES[channel]))


def runs(campaign: Campaign, day: date) -> bool:
    """Whether a campaign is shown on a day: none on 1 May, Meta's not in the last week of August."""
    if (day.month, day.day) == (5, 1) or (campaign.platform == "meta" and day.month == 8 and day.day >= 25):
        return False
    return campaign.started_on <= day and (campaign.ended_on is None or day <= campaign.ended_on)


def zone_of(platform: str) -> ZoneInfo:
    return ZONES.get(platform, PARIS)
