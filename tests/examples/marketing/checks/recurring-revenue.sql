-- Movements of monthly revenue: of the revenue at the end of the last month, what the same customers pay now
-- by: month
with pairs as (
  select cast(before.m + interval 1 month as date) as month, before.monthly as was, coalesce(now.monthly, 0) as is_now
  from held as before
  left join held as now on now.customer_id = before.customer_id and now.m = before.m + interval 1 month)
select month,
       cast(sum(is_now) as double) / cast(sum(was) as double) as net_revenue_retention,
       cast(sum(least(is_now, was)) as double) / cast(sum(was) as double) as gross_revenue_retention,
       1 - cast(sum(least(is_now, was)) as double) / cast(sum(was) as double) as churn_rate_revenue
from pairs where month < date '2026-10-01' group by all
