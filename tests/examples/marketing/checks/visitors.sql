-- People on the site: of the month, of the 28 and 7 days until its end, of a usual day; without consent nobody
-- by: month
with active as (
  select e.visitor_id, e.happened_at, e.month, cast(local(e.happened_at) as date) as day
  from events as e left join visits as v using (session_id)
  where e.visitor_id is not null and (v.engaged or e.engagement_time > 0)),
firsts as (select visitor_id, month_of(min(happened_at)) as month from events where visitor_id is not null group by all)
select m as month,
       (select count(distinct visitor_id) from events where month = m) as visitors,
       (select count(distinct visitor_id) from active where month = m) as active_visitors,
       (select count(*) from firsts where month = m) as new_visitors,
       (select count(*) from firsts where month = m)
       / cast((select count(distinct visitor_id) from events where month = m) as double) as new_visitor_share,
       (select count(distinct visitor_id) from active where day >= n - 7 and day < n) as active_visitors_of_a_week,
       (select count(distinct visitor_id) from active where day >= n - 28 and day < n) as active_visitors_of_28_days,
       (select count(*) from (select distinct day, visitor_id from active where month = m)) / cast(n - m as double)
       / (select count(distinct visitor_id) from active where month = m) as visitor_stickiness
from months
