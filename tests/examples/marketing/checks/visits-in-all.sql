-- Visits by country: how good they are, whether they searched, and what orders there are beside them
-- by: month, country
with told as (
  select *, exists (select 1 from events as e where e.session_id = v.session_id and e.event_name = 'view_search_results') as searched
  from visits as v),
placed as (
  select s.month, coalesce(v.country, c.country) as country, count(*) as n
  from sales as s
  left join visits as v on v.session_id = s.session_id
  left join marketing.customers as c on c.customer_id = s.customer_id and not c.is_internal
  group by all)
select t.month, t.country,
       coalesce(any_value(p.n), 0) / cast(count(*) as double) as conversion_rate_order,
       cast(sum(engaged_time) as double) / count(*) as engaged_time_per_session,
       cast(sum(duration) filter (where interaction_hits > 1) as double) / nullif(count(*) filter (where interaction_hits > 1), 0)
         as average_session_duration_without_single_hits,
       count(*) filter (where searched) / cast(count(*) as double) as query_frequency_on_site,
       count(*) filter (where engaged and t.country = 'FR' and pageviews >= 2) / cast(count(*) as double) as traffic_quality_qualified_share,
       count(*) filter (where channel in ('Direct', 'Referral')) / cast(count(*) as double) as word_of_mouth_share,
       100 * (0.5 * (count(*) filter (where engaged) / cast(count(*) as double)) / 0.6
              + 0.5 * (count(*) filter (where key_events > 0) / cast(count(*) as double)) / 0.02) as traffic_quality_index
from told as t left join placed as p on p.month = t.month and p.country is not distinct from t.country
group by t.month, t.country
