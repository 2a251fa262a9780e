-- Of those who held a contract when the month began, who holds one at its end; of September, on the 21st
with months as (
  select cast(unnest(generate_series(timestamp '2026-01-01', timestamp '2026-09-01', interval 1 month)) as date) as m),
times as (select m, m - 1 as before, least(cast(m + interval 1 month as date) - 1, date '2026-09-20') as day from months),
was as (
  select distinct m, customer_id from times join marketing.memberships
    on valid_from <= before and (valid_to is null or valid_to > before)),
is_now as (
  select distinct m, customer_id from times join marketing.memberships
    on valid_from <= day and (valid_to is null or valid_to > day)),
told as (
  select m, count(*) as n, count(i.customer_id) / cast(count(*) as double) as v
  from was as w left join is_now as i using (m, customer_id) group by all)
select m as month, v as value, n as sample, v >= 0.96 as met, v - 0.96 as gap,
       case when m < date '2026-09-01' then case when v >= 0.96 then 'met' else 'missed' end
            when v >= 0.96 then 'on_track' when v >= 0.96 * 0.9 then 'at_risk' else 'off_track' end as status
from told
