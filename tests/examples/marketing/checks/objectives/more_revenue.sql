-- A fifth more than in the same month of the year before, in September than in as many days of it
with ours as (
  select month, sum(net) as v from sales where ordered_at < timestamp '2026-09-20 22:00:00' and month >= date '2026-01-01' group by all),
theirs as (
  select cast(month + interval 1 year as date) as month, sum(net) as v
  from sales where month >= date '2025-01-01' and ordered_at < timestamp '2025-09-20 22:00:00' group by all)
select month, ours.v as value, theirs.v as baseline, cast(theirs.v as double) * 1.2 as target,
       cast(ours.v - theirs.v as double) / (cast(theirs.v as double) * 0.2) as attainment,
       case when month < date '2026-09-01' then case when ours.v >= theirs.v * 1.2 then 'met' else 'missed' end
            when (ours.v - theirs.v) / (theirs.v * 0.2) >= 1 then 'on_track'
            when (ours.v - theirs.v) / (theirs.v * 0.2) >= 0.9 then 'at_risk' else 'off_track' end as status
from ours join theirs using (month)
