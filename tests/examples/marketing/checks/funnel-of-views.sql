-- Of all views of articles, of people whom nobody knows too, those that come before something is put in the cart within 7 days
-- by: month, device
with looks as (
  select e.month, v.device, exists (
           select 1 from events as p
           where p.visitor_id = e.visitor_id and p.event_name = 'add_to_cart'
             and p.happened_at > e.happened_at and p.happened_at <= e.happened_at + interval 168 hours) as put
  from events as e left join visits as v using (session_id)
  where e.event_name = 'view_item' and e.happened_at <= timestamp '2026-09-30 22:00:00' - interval 168 hours)
select month, device, count(*) filter (where put) / cast(count(*) as double) as funnel_view_to_cart_every_view
from looks group by all
