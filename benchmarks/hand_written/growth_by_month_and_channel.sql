-- kpis: ["revenue_growth = growth(revenue, 1 year)"]
-- by: [month, channel]
-- target: 1.3
-- Days are cheaper to cut than months, and there are few of them to add up.
with days as (
  select cast(ordered_at as date) as "day", channel, sum(amount) as revenue
  from orders
  group by 1, 2
), cells as (
  select cast(date_trunc('month', "day") as date) as "month", channel, sum(revenue) as revenue
  from days
  group by 1, 2
), a_year_ago as (
  select cast("month" + interval 1 year as date) as "month", channel, revenue
  from cells
  where "month" <= (select max("month") from cells) - interval 1 year
)
select
  coalesce(c."month", p."month") as "month",
  coalesce(c.channel, p.channel) as channel,
  case when p.revenue > 0 then cast(coalesce(c.revenue, 0) as double) / p.revenue - 1 end as revenue_growth
from cells as c
full join a_year_ago as p on c."month" = p."month" and c.channel is not distinct from p.channel
order by 1, 2 nulls last
