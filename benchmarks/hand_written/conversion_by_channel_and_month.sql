-- kpis: [conversion_rate]
-- by: [month, channel]
with o as (
  select cast(date_trunc('month', ordered_at) as date) as "month", channel, count(*) as n
  from orders
  group by 1, 2
), s as (
  select cast(date_trunc('month', started_at) as date) as "month", channel, count(*) as n
  from sessions
  group by 1, 2
)
select
  coalesce(o."month", s."month") as "month",
  coalesce(o.channel, s.channel) as channel,
  cast(coalesce(o.n, 0) as double) / nullif(s.n, 0) as conversion_rate
from o
full join s on o."month" is not distinct from s."month" and o.channel is not distinct from s.channel
order by 1 nulls last, 2 nulls last
