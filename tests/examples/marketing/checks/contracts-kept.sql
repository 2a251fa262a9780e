-- Of those who held a contract when the last month was over, who holds one now
-- by: month
with pairs as (
  select before.m + interval 1 month as m, before.customer_id, now.customer_id is not null as stays
  from held as before
  left join held as now on now.customer_id = before.customer_id and now.m = before.m + interval 1 month)
select cast(m as date) as month,
       count(*) filter (where stays) as customers_kept,
       count(*) filter (where stays) / cast(count(*) as double) as retention_rate_contracts,
       1 - count(*) filter (where stays) / cast(count(*) as double) as churn_rate_contracts,
       1 - power(count(*) filter (where stays) / cast(count(*) as double), 12) as churn_rate_annualised,
       1 / nullif(1 - count(*) filter (where stays) / cast(count(*) as double), 0) as retention_duration_hazard
from pairs where m < date '2026-10-01' group by all
