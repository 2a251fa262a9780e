-- Visits of people who left an address before and had not ordered yet when they came
-- by: month
with told as (
  select v.*, lag(v.started_at) over (partition by v.visitor_id order by v.started_at) as before,
         exists (select 1 from leads as l where l.visitor_id = v.visitor_id and l.created_at < v.started_at)
         and not exists (
           select 1 from sales as s join visits as w on w.session_id = s.session_id
           where w.visitor_id = v.visitor_id and s.ordered_at < v.started_at) as is_prospect
  from visits as v where v.visitor_id is not null),
gaps as (
  select month, visitor_id, avg((epoch(started_at) - epoch(before)) / 86400.0) as gap
  from told where is_prospect and before is not null group by all)
select month,
       count(*) / cast(count(distinct visitor_id) as double) as prospect_visit_frequency,
       (select avg(gap) from gaps as g where g.month = told.month) as prospect_days_between_visits,
       cast(sum(engaged_time) as double) / count(distinct visitor_id) as prospect_time_on_site
from told where is_prospect group by all
