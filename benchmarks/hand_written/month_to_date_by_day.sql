-- kpis: ["month_to_date = to_date(revenue, month)"]
-- by: [day]
-- target: 1.3
with days as (
  select cast(ordered_at as date) as "day", sum(amount) as revenue
  from orders
  group by 1
), calendar as (
  select unnest(generate_series(min("day"), max("day"), interval 1 day))::date as "day" from days
)
select c."day", sum(d.revenue) over (partition by date_trunc('month', c."day") order by c."day") as month_to_date
from calendar as c
left join days as d on d."day" = c."day"
qualify month_to_date is not null
order by 1
