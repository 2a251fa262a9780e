-- The median of what three others told last, which is not older than three months; one of them is silent in August
with ours as (
  select month, count(*) filter (where key_events > 0) / cast(count(*) as double) as rate, count(*) as n
  from visits where month >= date '2026-01-01' and started_at < timestamp '2026-09-20 22:00:00' group by all),
told as (
  select ours.month, compared_with, arg_max(value, covers_from) as value
  from ours join marketing.benchmarks on kpi_name = 'conversion_rate_session' and covers_from < ours.month + interval 1 month group by all),
median as (select month, median(value) as target, count(*) as rivals from told group by all)
select month, rate as value, n as sample, rivals, target, rate >= target as met,
       case when n < 500 then 'insufficient_data'
            when month < date '2026-09-01' then case when rate >= target then 'met' else 'missed' end
            when rate >= target then 'on_track' when rate >= 0.9 * target then 'at_risk' else 'off_track' end as status
from ours join median using (month)
