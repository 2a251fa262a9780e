-- kpis: ["kept_of_month = count_distinct(orders.customer_id where customer_id in prior(values(orders.customer_id), 1 month)) / prior(count_distinct(orders.customer_id), 1 month)"]
-- by: [month]
-- target: 2.0
-- Each customer's months are bits of one number: room for 62 months, and an error where there are more.
with span as materialized (
  select date_trunc('month', min(ordered_at)) as begun, date_diff('month', min(ordered_at), max(ordered_at)) as months
  from orders
), customers as (
  select
    customer_id,
    bit_or(cast(1 as bigint) << date_diff('month', (select begun from span), ordered_at)) as months
  from orders
  group by 1
), pairs as (
  select m.number, c.customer_id, (c.months >> m.number) & 1 as now
  from customers as c
  join (select unnest(range(1, months + 1)) as number from span) as m on (c.months >> (m.number - 1)) & 1 = 1
), counted as (
  select number, count(customer_id) as before, count(customer_id) filter (now = 1) as kept
  from pairs
  group by 1
)
select
  cast((select begun from span) + to_months(cast(number as integer)) as date) as "month",
  cast(kept as double) / nullif(before, 0) as kept_of_month
from counted
qualify number between min(number) filter (kept > 0) over () and max(number) filter (kept > 0) over ()
order by 1
