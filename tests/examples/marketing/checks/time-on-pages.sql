-- How long pages are read, in three ways, by what they are about; the last page of a visit has no next event
-- by: month, content_group
with told as (
  select e.*, p.content_group, lead(happened_at) over (partition by session_id order by happened_at) as next
  from events as e left join marketing.pages as p using (page_url))
select month, content_group,
       sum(engagement_time) / 1000.0 / nullif(count(engagement_time), 0) as time_on_page_focus,
       coalesce(sum(engagement_time), 0) / 1000.0 / nullif(count(*), 0) as time_on_page_per_view,
       sum(epoch(next) - epoch(happened_at)) / nullif(count(next), 0) as time_on_page_ua
from told where event_name = 'page_view' group by all
