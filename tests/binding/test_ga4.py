"""The binding of Google Analytics' export: the views of its README on rows as the export has them, and KPIs on these."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import sqlglot

from tests.binding.projects import ENGINES, asked, with_tables, written
from tests.cli.running import call

README = Path(__file__).resolve().parents[2] / "definitions" / "bindings" / "README.md"
engines = pytest.mark.parametrize("engine", ENGINES)
USES = "project: p\nlanguage: 1\nuse: [ga4@1]\n"
MINE = """\
bind:
  web_events: {columns: {is_key_event: "event_name in ('purchase', 'book_demo')"}}
"""
EXPORT = """\
create schema analytics_123456;
create table analytics_123456.events_all (
  _table_suffix text, event_timestamp bigint, event_name text, user_pseudo_id text, user_id text,
  batch_page_id bigint, batch_ordering_id bigint, batch_event_index bigint,
  event_params struct("key" text, "value" struct(string_value text, int_value bigint))[],
  ecommerce struct(transaction_id text),
  session_traffic_source_last_click struct(
    cross_channel_campaign struct(source text, medium text, campaign_id text, default_channel_group text),
    google_ads_campaign struct(campaign_id text),
    manual_campaign struct(source text, medium text, campaign_id text)),
  device struct(category text), geo struct(country text)
);
create macro one(k, s, i) as {'key': k, 'value': {'string_value': s, 'int_value': i}};
create macro told(s, m, g) as {'source': s, 'medium': m, 'campaign_id': null, 'default_channel_group': g};
create macro tagged(s, m) as {'source': s, 'medium': m, 'campaign_id': null};
create table written (
  day text, clock text, event_name text, visitor text, page text, msec bigint, transaction text, campaign text
);
insert into written values
  ('20260501', '10:00:00', 'session_start', 'u', '/guide', null, null, 'google'),
  ('20260501', '10:00:00', 'page_view', 'u', '/guide', null, null, 'google'),
  -- The time on a page comes with later events of it; one event stands there twice.
  ('20260501', '10:00:25', 'scroll', 'u', '/guide', 25000, null, 'google'),
  ('20260501', '10:00:25', 'scroll', 'u', '/guide', 25000, null, 'google'),
  ('20260501', '10:00:30', 'user_engagement', 'u', '/guide', 5000, null, 'google'),
  ('20260501', '10:00:31', 'page_view', 'u', '/shop', 5, null, 'google'),
  ('20260501', '10:00:51', 'user_engagement', 'u', '/shop', 20000, null, 'google'),
  ('20260501', '10:00:52', 'purchase', 'u', '/thanks', 700, 't1', 'google'),
  ('20260501', '10:00:53', 'purchase', 'u', '/thanks', null, 't1', 'google'),
  ('20260501', '10:01:00', 'purchase', 'u', '/thanks', null, '(not set)', 'google'),
  ('20260501', '10:01:01', 'purchase', 'u', '/thanks', null, '(not set)', 'google'),
  -- The same day once more, as it stood while it went on.
  ('intraday_20260501', '10:00:00', 'page_view', 'u', '/guide', null, null, 'google'),
  ('20260501', '11:00:00', 'page_view', 'v', '/guide', null, null, 'ads'),
  ('20260501', '11:00:05', 'book_demo', 'v', '/guide', null, null, 'ads'),
  ('20260501', '12:00:00', 'page_view', 'w', '/guide', 9000, null, 'internal'),
  ('20260501', '13:00:00', 'page_view', 'x', '/shop', 1, null, 'facebook.com'),
  -- Nobody, as without consent.
  ('20260501', '14:00:00', 'page_view', null, '/shop', 1, null, null);
insert into analytics_123456.events_all
select
  day, epoch_us(('2026-05-01 ' || clock)::timestamp), event_name, visitor, '', 1, 1, 1,
  list_filter(
    [
      case when visitor is not null then one('ga_session_id', null, 7) end,
      one('page_location', page, null),
      case when msec is not null then one('engagement_time_msec', null, msec) end,
      case when campaign = 'internal' then one('traffic_type', 'internal', null) end
    ],
    lambda x: x is not null),
  {'transaction_id': transaction},
  {
    'cross_channel_campaign': case campaign when 'google' then told('Google', 'organic', 'Organic Search') end,
    'google_ads_campaign': case campaign when 'ads' then {'campaign_id': '77'} end,
    'manual_campaign': case campaign when 'facebook.com' then tagged('facebook.com', 'referral') end
  },
  {'category': 'mobile'}, {'country': 'France'}
from written;
"""


def views() -> list[str]:
    """Return the statements of the README as DuckDB runs them, on a table that has all of the export's tables."""
    section = README.read_text(encoding="utf-8").split("## Views for ga4")[1]
    sql = re.findall(r"^```sql\n(.*?)^```", section, re.M | re.S)[0].replace("events_*", "events_all")
    found = sqlglot.transpile(sql, read="bigquery", write="duckdb", comments=False)
    # DuckDB has the parts of what it unnests as columns only where it is told to.
    parts = "FROM (SELECT UNNEST(e.event_params, max_depth := 2))"
    return [statement.replace("FROM UNNEST(e.event_params)", parts) for statement in found]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = written(tmp_path_factory.mktemp("ga4"), {"kpidsl.yml": f"{USES}{MINE}"})
    with duckdb.connect(str(folder / "shop.duckdb")) as opened:
        opened.execute(EXPORT)
        for statement in views():
            opened.execute(statement)
    return folder


def on(folder: Path) -> str:
    return f"duckdb:///{folder}/shop.duckdb"


def test_the_time_of_a_page_is_on_the_view_of_it(export: Path) -> None:
    kpis = ["time_on_page_focus", "time_on_page_per_view"]
    found = asked(export, on(export), kpis, by=["page"], period="2026-05-01", as_of="2026-07-01")
    # 25 + 5 seconds, and a second view of which nothing is told; 5 ms + 20 s, and twice 1 ms.
    assert [tuple(row[name] for name in ("page", *kpis)) for row in found] == [
        ("/guide", pytest.approx(30), pytest.approx(15)),
        ("/shop", pytest.approx(20.007 / 3), pytest.approx(20.007 / 3)),
    ]
    by_hand = """
      select page, sum(msec) / 1000 / count(*) filter (event_name = 'page_view')
      from (select distinct * from written where day = '20260501' and campaign is distinct from 'internal')
      where page != '/thanks' group by page order by page
    """
    with duckdb.connect(str(export / "shop.duckdb"), read_only=True) as opened:
        checked = opened.execute(by_hand).fetchall()
    assert [row["time_on_page_per_view"] for row in found[:2]] == [pytest.approx(one[1]) for one in checked]


def test_events_count_once_and_conversions_are_ones_own(export: Path) -> None:
    kpis = ["pageviews", "visitors", "conversions", "sessions", "conversion_rate_session", "bounce_rate_ga4"]
    found = asked(export, on(export), kpis, period="2026-05-01", as_of="2026-07-01")[0]
    # Views of u, u, v, x and nobody; colleagues are left out.
    assert (found["pageviews"], found["visitors"], found["sessions"]) == (5, 3, 3)
    # t1 is one purchase, those without a number are two, and a demo was booked.
    assert found["conversions"] == 4
    assert found["conversion_rate_session"] == pytest.approx(2 / 3)
    # Only x looked at one page for a moment.
    assert found["bounce_rate_ga4"] == pytest.approx(1 / 3)
    assert call("check", "--connection", on(export), cwd=export).code == 0


def test_channels_are_those_of_the_tool_or_told_by_its_rules(export: Path) -> None:
    found = asked(export, on(export), "sessions", by=["channel"], period="2026-05-01", as_of="2026-07-01")
    channels = [(row["channel"], row["sessions"]) for row in found]
    assert channels == [("Organic Search", 1), ("Organic Social", 1), ("Paid Search", 1)]


@engines
def test_what_counts_as_a_conversion_is_said_once(engine: str, tmp_path: Path) -> None:
    tables = """\
create table ga4_events (
  event_id text, user_pseudo_id text, user_id text, session_id text, event_timestamp timestamp, event_name text,
  page_location text, search_term text, traffic_type text, engagement_time_msec bigint, transaction_id text
);
insert into ga4_events values
  ('1', 'u', null, 'u/1', '2026-05-01 10:00:00', 'page_view', '/a', null, null, 4000, null),
  ('2', 'u', null, 'u/1', '2026-05-01 10:01:00', 'page_view', '/b', null, null, 8000, null),
  ('3', 'u', null, 'u/1', '2026-05-01 10:02:00', 'purchase', '/c', null, null, null, 't1'),
  ('4', 'u', null, 'u/1', '2026-05-01 10:02:30', 'purchase', '/c', null, null, null, 't1'),
  ('5', 'v', null, 'v/1', '2026-05-01 11:00:00', 'page_view', '/a', null, null, 3000, null),
  ('6', 'v', null, 'v/1', '2026-05-01 11:00:00', 'book_demo', '/a', null, null, null, null),
  ('7', null, null, null, '2026-05-01 12:00:00', 'page_view', '/a', null, null, null, null),
  ('8', 'w', null, 'w/1', '2026-05-01 12:00:00', 'page_view', '/a', null, 'internal', null, null);
create table ga4_sessions (
  session_id text, user_pseudo_id text, user_id text, session_start timestamp, session_end timestamp,
  ga_session_number bigint, source text, medium text, campaign_id text, default_channel_group text,
  traffic_type text, landing_page text, device_category text, country text, page_views bigint,
  engagement_time_msec bigint
);
insert into ga4_sessions values
  ('u/1', 'u', null, '2026-05-01 10:00:00', '2026-05-01 10:02:30', 1, 'news', 'email', null, null, null, '/a', 'mobile', 'FR', 2, 12000),
  ('v/1', 'v', null, '2026-05-01 11:00:00', '2026-05-01 11:00:00', 2, '(direct)', '(none)', null, 'Direct', null, '/a', 'desktop', 'FR', 1, 3000),
  ('w/1', 'w', null, '2026-05-01 12:00:00', '2026-05-01 12:00:00', 1, 'bing', 'cpc', null, null, 'internal', '/a', 'desktop', 'FR', 1, 0);
"""
    folder = written(tmp_path, {"kpidsl.yml": USES})
    url = with_tables(folder, engine, tables)
    kpis = ["pageviews", "visitors", "conversions", "conversion_rate_session", "bounce_rate_ga4"]
    found = asked(folder, url, kpis, period="2026-05", as_of="2026-07-01")[0]
    # Who did not consent looked at a page and is nobody; the second purchase is the first one again.
    assert (found["pageviews"], found["visitors"], found["conversions"]) == (4, 2, 1)
    assert found["conversion_rate_session"] == pytest.approx(0.5)
    # 3 seconds on one page without a conversion are no engagement.
    assert found["bounce_rate_ga4"] == pytest.approx(0.5)
    written(folder, {"kpidsl.yml": f"{USES}{MINE}"})
    found = asked(folder, url, kpis, period="2026-05", as_of="2026-07-01")[0]
    # Where booking a demo counts it does for the event and for its session.
    assert (found["conversions"], found["conversion_rate_session"]) == (2, pytest.approx(1))
    assert found["bounce_rate_ga4"] == 0
    by_channel = asked(folder, url, "sessions", by=["channel"], period="2026-05", as_of="2026-07-01")
    assert [(row["channel"], row["sessions"]) for row in by_channel] == [("Direct", 1), ("Email", 1)]
    kpis = ["average_session_duration", "engaged_time_per_session"]
    durations = asked(folder, url, kpis, as_of="2026-07-01")[0]
    # 150 seconds and none; 12 and 3 seconds.
    assert [float(durations[name]) for name in kpis] == pytest.approx([75, 7.5])
    assert call("check", "--connection", url, cwd=folder).code == 0
