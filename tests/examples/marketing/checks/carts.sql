-- Carts without an order within 24 hours, by when they were begun and by when payment was begun; visits that put something in and bought nothing
-- by: month
with told as (
  select c.*, exists (
           select 1 from sales as s
           where s.cart_id = c.cart_id and s.ordered_at <= c.created_at + interval 24 hours) as bought,
         exists (
           select 1 from sales as s
           where s.cart_id = c.cart_id and s.ordered_at <= c.checkout_started_at + interval 24 hours) as paid
  from marketing.carts as c),
sure as (select timestamp '2026-09-30 22:00:00' - interval 24 hours as t),
browsed as (
  select v.month,
         exists (select 1 from events as e where e.session_id = v.session_id and e.event_name = 'add_to_cart') as put,
         exists (select 1 from events as e where e.session_id = v.session_id and e.event_name = 'purchase') as bought
  from visits as v)
select m as month,
       (select count(*) filter (where not bought) / nullif(cast(count(*) as double), 0) from told, sure
        where month_of(created_at) = m and created_at <= t) as cart_abandonment_rate,
       (select count(*) filter (where not paid) / nullif(cast(count(*) as double), 0) from told, sure
        where month_of(checkout_started_at) = m and checkout_started_at <= t) as checkout_abandonment_rate,
       (select count(*) filter (where not bought) / nullif(cast(count(*) as double), 0) from browsed
        where month = m and put) as cart_abandonment_rate_sessions
from months
