-- Of those whose first order of all was in the month before, who orders in this one
-- by: month
select cast(f.month + interval 1 month as date) as month,
       count(*) filter (where exists (
         select 1 from sales as s where s.customer_id = f.customer_id and s.month = f.month + interval 1 month))
       / cast(count(*) as double) as cohort_retention_next_month
from sales as f where nth = 1 and month < date '2026-09-01' group by all
