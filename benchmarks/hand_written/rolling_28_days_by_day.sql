-- kpis: ["rolling_revenue = rolling(revenue, 28 days)"]
-- by: [day]
-- target: 1.3
with days as (
  select cast(ordered_at as date) as "day", sum(amount) as revenue
  from orders
  group by 1
), calendar as (
  select unnest(generate_series(min("day"), max("day"), interval 1 day))::date as "day" from days
)
select c."day", sum(d.revenue) over (order by c."day" rows 27 preceding) as rolling_revenue
from calendar as c
left join days as d on d."day" = c."day"
qualify rolling_revenue is not null
order by 1
