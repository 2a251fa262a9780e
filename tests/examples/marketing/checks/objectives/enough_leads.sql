-- Of the thirty days of September twenty are over, and so should two thirds of the leads be there
with told as (
  select l.month, l.created_at, exists (
           select 1 from leads as b
           where b.email_hash = l.email_hash and b.created_at < l.created_at and b.created_at >= l.created_at - interval 2160 hours) as again
  from leads as l),
won as (
  select month, count(*) filter (where not again) as n from told
  where month >= date '2026-01-01' and created_at < timestamp '2026-09-20 22:00:00' group by all)
select month, n as value, 24 as target,
       case month when date '2026-09-01' then 24 * 20 / 30.0 else 24 end as expected_to_date,
       n / case month when date '2026-09-01' then 24 * 20 / 30.0 else 24.0 end as pace,
       case when month < date '2026-09-01' then case when n >= 24 then 'met' else 'missed' end
            when n >= 16 then 'on_track' when n >= 14.4 then 'at_risk' else 'off_track' end as status
from won
