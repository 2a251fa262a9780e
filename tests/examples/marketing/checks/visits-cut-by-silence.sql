-- Visits where half an hour without an event parts two; views of a page counted once for each visit
-- by: month
with gaps as (
  select *, lag(happened_at) over (partition by visitor_id order by happened_at) as before
  from events where visitor_id is not null)
select months.m as month,
       (select count(*) from gaps where month = m and (before is null or happened_at > before + interval 30 minutes)) as sessions_by_inactivity,
       (select count(*) from (select distinct visitor_id, session_id from events where month = m and visitor_id is not null)) as sessions_from_events,
       (select count(*) from (select distinct session_id, page_url from events where month = m and event_name = 'page_view')) as unique_pageviews
from months
