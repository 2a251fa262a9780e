-- kpis: [bought_within_a_week]
-- by: [month, channel]
with bought as (
  select cast(date_trunc('month', s.started_at) as date) as "month", s.channel, count(*) as n
  from sessions s
  semi join purchases p
    on p.visitor_id = s.visitor_id and p.is_paid
    and p.purchased_at > s.started_at and p.purchased_at <= s.started_at + interval 7 days
  group by 1, 2
), every as (
  select cast(date_trunc('month', started_at) as date) as "month", channel, count(*) as n
  from sessions
  group by 1, 2
)
select e."month", e.channel, cast(coalesce(b.n, 0) as double) / nullif(e.n, 0) as bought_within_a_week
from every e
left join bought b on b."month" is not distinct from e."month" and b.channel is not distinct from e.channel
order by 1 nulls last, 2 nulls last
