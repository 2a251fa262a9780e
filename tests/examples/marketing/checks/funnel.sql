-- Who looks at an article for the first time in the month: in the 7 days from there on into the cart, and then bought, or bought before
-- by: month, device
with looks as (
  select e.month, v.device, e.visitor_id, min(e.happened_at) as t
  from events as e left join visits as v using (session_id)
  where e.event_name = 'view_item' and e.visitor_id is not null
    and e.happened_at <= timestamp '2026-09-30 22:00:00' - interval 168 hours
  group by all),
steps as (
  select *,
         (select min(happened_at) from events as e
          where e.visitor_id = l.visitor_id and e.event_name = 'add_to_cart'
            and e.happened_at > l.t and e.happened_at <= l.t + interval 168 hours) as put
  from looks as l)
select month, device,
       count(put) / cast(count(*) as double) as funnel_view_to_cart,
       count(*) filter (where bought) / cast(count(*) as double) as funnel_view_to_purchase,
       count(*) filter (where bought) / nullif(cast(count(put) as double), 0) as funnel_cart_to_purchase,
       count(*) filter (where put is not null and bought_ever) / cast(count(*) as double) as funnel_view_to_purchase_any_order
from (
  select *, exists (
           select 1 from events as e
           where e.visitor_id = s.visitor_id and e.event_name = 'purchase'
             and e.happened_at > s.put and e.happened_at <= s.t + interval 168 hours) as bought,
         exists (
           select 1 from events as e
           where e.visitor_id = s.visitor_id and e.event_name = 'purchase'
             and e.happened_at > s.t and e.happened_at <= s.t + interval 168 hours) as bought_ever
  from steps as s)
group by all
