-- kpis: ["rolling_customers = rolling(count_distinct(orders.customer_id), 28 days)"]
-- by: [day]
-- target: 2.0
-- An order holds its customer for 28 days, or until the customer's next order: what begins and what ends on a
-- day is counted, then added up. Customer and day are packed into one number, which sorts faster than two.
with packed as (
  select cast(customer_id as bigint) << 16 | (cast(ordered_at as date) - date '1970-01-01') as customer_day
  from orders
  where customer_id is not null
), ends as (
  select
    (customer_day & 65535)
      + least(coalesce(lead(customer_day) over (order by customer_day) - customer_day, 28), 28) as day_number
  from packed
), ended as (
  select date '1970-01-01' + cast(day_number as integer) as "day", n
  from (select day_number, count(*) as n from ends group by 1)
), begun as (
  select cast(ordered_at as date) as "day", count(customer_id) as n
  from orders
  group by 1
), calendar as (
  select unnest(generate_series(min("day"), max("day"), interval 1 day))::date as "day" from begun
), counted as (
  select
    c."day",
    sum(coalesce(b.n, 0) - coalesce(e.n, 0)) over (order by c."day") as rolling_customers,
    count(b."day") over (order by c."day" rows 27 preceding) as days_with_orders
  from calendar as c
  left join begun as b on b."day" = c."day"
  left join ended as e on e."day" = c."day"
)
select "day", rolling_customers
from counted
where days_with_orders > 0
order by 1
