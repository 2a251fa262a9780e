-- kpis: ["ordered_within_a_week = count(sessions where followed_by(orders per shopper within 7 days)) / count(sessions)"]
-- by: [month]
-- target: 2.0
-- times: 7
-- Time is cut into spans of 2^40 microseconds (12.7 days), so the week after a session lies in one or two of
-- them: orders are looked up by customer and span, not among all the orders of a customer.
with every as (
  select cast(date_trunc('month', "day") as date) as "month", sum(n) as n
  from (select cast(started_at as date) as "day", count(*) as n from sessions group by 1)
  group by 1
), s as (
  select session_id, visitor_id, started_at, epoch_us(started_at) >> 40 as span
  from sessions
  where visitor_id in (select customer_id from orders)
), spans as (
  select session_id, visitor_id, started_at, span from s
  union all
  select session_id, visitor_id, started_at, epoch_us(started_at + interval 7 day) >> 40
  from s
  where epoch_us(started_at + interval 7 day) >> 40 > span
), ordered as (
  select distinct p.session_id, p.started_at
  from spans as p
  join orders as o on o.customer_id = p.visitor_id and epoch_us(o.ordered_at) >> 40 = p.span
  where o.ordered_at > p.started_at and o.ordered_at <= p.started_at + interval 7 day
), ordered_by_month as (
  select cast(date_trunc('month', started_at) as date) as "month", count(*) as n
  from ordered
  group by 1
)
select e."month", cast(coalesce(o.n, 0) as double) / nullif(e.n, 0) as ordered_within_a_week
from every as e
left join ordered_by_month as o on o."month" = e."month"
order by 1
