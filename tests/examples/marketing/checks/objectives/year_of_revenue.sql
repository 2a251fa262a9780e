-- The part of the year that is due is last year's revenue until 20 September over that of all of the year
with told as (
  select sum(net) filter (where month >= date '2026-01-01' and ordered_at < timestamp '2026-09-20 22:00:00') as value,
         cast(sum(net) filter (where month >= date '2025-01-01' and ordered_at < timestamp '2025-09-20 22:00:00') as double)
         / cast(sum(net) filter (where month >= date '2025-01-01' and month < date '2026-01-01') as double) as part
  from sales)
select value, 82000 as target, 82000 * part as expected_to_date, cast(value as double) / (82000 * part) as pace,
       cast(value as double) / part as forecast,
       case when value >= 82000 * part then 'on_track' when value >= 0.9 * 82000 * part then 'at_risk' else 'off_track' end as status
from told
