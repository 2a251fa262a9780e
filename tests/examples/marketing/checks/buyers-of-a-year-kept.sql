-- Of the buyers of the twelve months until the last month, who bought in the twelve months until this one
-- by: month
with year as (
  select distinct m, customer_id
  from months join sales on month > m - interval 12 month and month <= m
  where customer_id is not null),
pairs as (
  select cast(before.m + interval 1 month as date) as month, now.customer_id is not null as stays
  from year as before
  left join year as now on now.customer_id = before.customer_id and now.m = before.m + interval 1 month)
select month, avg(cast(stays as int)) as retention_rate_buyers, 1 - avg(cast(stays as int)) as churn_rate_buyers
from pairs where month < date '2026-10-01' group by all
