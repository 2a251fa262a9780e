-- kpis: ["rolling_revenue = rolling(revenue, 28 days)"]
-- by: [day]
-- period: 2026-03
-- target: 1.3
-- A month of three years: its windows reach from 2 February to the end of March.
with days as (
  select cast(ordered_at as date) as "day", sum(amount) as revenue
  from orders
  where ordered_at >= timestamp '2026-02-02' and ordered_at < timestamp '2026-04-01'
  group by 1
), calendar as (
  select cast(unnest(generate_series(date '2026-02-02', date '2026-03-31', interval 1 day)) as date) as "day"
), windows as (
  select c."day", sum(d.revenue) over (order by c."day" rows 27 preceding) as rolling_revenue
  from calendar as c
  left join days as d on d."day" = c."day"
)
select "day", rolling_revenue
from windows
where "day" >= date '2026-03-01' and rolling_revenue is not null
order by 1
