-- kpis: ["conversion_growth = growth(rolling(conversion_rate, 28 days), 1 year)"]
-- by: [day]
-- target: 1.3
with days as (
  select cast(ordered_at as date) as "day", count(*) as orders, 0 as sessions from orders group by 1
  union all
  select cast(started_at as date), 0, count(*) from sessions group by 1
), both_facts as (
  select "day", sum(orders) as orders, sum(sessions) as sessions
  from days
  group by 1
), calendar as (
  select unnest(generate_series(min("day"), max("day"), interval 1 day))::date as "day" from days
), rolled as (
  select
    c."day",
    sum(b.orders) over w as orders,
    cast(sum(b.orders) over w as double) / nullif(sum(b.sessions) over w, 0) as conversion
  from calendar as c
  left join both_facts as b on b."day" = c."day"
  window w as (order by c."day" rows 27 preceding)
)
select r."day", case when p.conversion > 0 then r.conversion / p.conversion - 1 end as conversion_growth
from rolled as r
left join rolled as p on p."day" = cast(r."day" - interval 1 year as date)
where r.orders is not null or p.orders is not null
order by 1
