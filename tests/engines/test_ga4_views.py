"""The views for Google Analytics' export, as its binding's README has them, on GoogleSQL itself."""

from __future__ import annotations

import re

import pytest

from tests.binding.test_ga4 import README
from tests.servers.googlesql import GoogleSql

EXPORT = """(
  select
    day as _table_suffix,
    unix_micros(timestamp(concat('2026-05-01 ', clock, '+00'))) as event_timestamp,
    event_name,
    visitor as user_pseudo_id,
    '' as user_id,
    1 as batch_page_id, 1 as batch_ordering_id, 1 as batch_event_index,
    array<struct<key string, value struct<string_value string, int_value int64>>>[
      ('ga_session_id', (null, 7)),
      ('page_location', (page, null)),
      ('engagement_time_msec', (null, msec))
    ] as event_params,
    struct(transaction as transaction_id) as ecommerce,
    struct(
      struct(
        cast(null as string) as source, cast(null as string) as medium, cast(null as string) as campaign_id,
        cast(null as string) as default_channel_group
      ) as cross_channel_campaign,
      struct(if(visitor = 'v', '77', null) as campaign_id) as google_ads_campaign,
      struct('News' as source, 'Email' as medium, cast(null as string) as campaign_id) as manual_campaign
    ) as session_traffic_source_last_click,
    struct('mobile' as category) as device,
    struct('France' as country) as geo
  from unnest([
    struct(
      '20260501' as day, '10:00:00' as clock, 'page_view' as event_name, 'u' as visitor, '/guide' as page,
      cast(null as int64) as msec, cast(null as string) as transaction),
    ('20260501', '10:00:25', 'scroll', 'u', '/guide', 25000, null),
    ('20260501', '10:00:25', 'scroll', 'u', '/guide', 25000, null),
    ('20260501', '10:00:31', 'page_view', 'u', '/shop', 5, null),
    ('20260501', '10:00:51', 'user_engagement', 'u', '/shop', 20000, null),
    ('20260501', '10:00:52', 'purchase', 'u', '/thanks', 700, '(not set)'),
    ('intraday_20260501', '10:00:00', 'page_view', 'u', '/guide', null, null),
    ('20260501', '11:00:00', 'page_view', 'v', '/guide', null, null)
  ])
)"""


def views() -> tuple[str, str]:
    """Return the two selects of the README, the first on rows as the export has them."""
    section = README.read_text(encoding="utf-8").split("## Views for ga4")[1]
    text = re.findall(r"^```sql\n(.*?)^```", section, re.M | re.S)[0]
    events, sessions = re.findall(r"^create view \w+ as\n(.*?);$", text, re.M | re.S)
    return events.replace("analytics_123456.`events_*`", EXPORT), sessions


@pytest.mark.asks("googlesql")
def test_the_views_give_events_once_and_time_on_its_page() -> None:
    events, sessions = views()
    engine = GoogleSql()
    shown = "select event_name, page_location, engagement_time_msec, transaction_id from found order by event_timestamp, event_name"
    assert engine.fetch(f"with found as (\n{events}\n)\n{shown}") == [
        ("page_view", "/guide", 25000, None),
        ("scroll", "/guide", None, None),
        ("page_view", "/shop", 20005, None),
        ("user_engagement", "/shop", None, None),
        ("purchase", "/thanks", 700, None),
        ("page_view", "/guide", None, None),
    ]
    shown = (
        "select session_id, source, medium, campaign_id, landing_page, page_views, engagement_time_msec "
        "from found order by session_id"
    )
    asked = f"with ga4_events as (\n{events}\n), found as (\n{sessions}\n)\n{shown}"
    assert engine.fetch(asked) == [
        ("u/7", "news", "email", None, "/guide", 2, 45705),
        ("v/7", "google", "cpc", "77", "/guide", 1, 0),
    ]
