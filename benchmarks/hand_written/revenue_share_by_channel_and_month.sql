-- kpis: [revenue_share]
-- by: [month, channel]
with cells as (
  select cast(date_trunc('month', ordered_at) as date) as "month", channel, sum(amount) as revenue
  from orders
  group by 1, 2
)
select
  "month",
  channel,
  cast(revenue as double) / nullif(sum(revenue) over (partition by "month"), 0) as revenue_share
from cells
order by 1 nulls last, 2 nulls last
