-- kpis: [customers_active, customers_kept, retention]
-- by: [month]
-- period: 2025-01-01..2026-10-01
-- times: 5
-- goal: 2
with active as (
  select distinct date_trunc('month', ordered_at) as month, customer_id
  from orders
  where customer_id is not null and ordered_at >= timestamp '2024-12-01' and ordered_at < timestamp '2026-10-01'
),
counted as (
  select month, count(*) as customers from active group by 1
),
kept as (
  select a.month, count(*) as customers_kept
  from active a join active b on b.customer_id = a.customer_id and b.month = a.month - interval 1 month
  group by 1
)
select cast(c.month as date) as "month", c.customers as customers_active, coalesce(k.customers_kept, 0) as customers_kept,
       coalesce(k.customers_kept, 0) / nullif(b.customers, 0) as retention
from counted c
left join kept k on k.month = c.month
left join counted b on b.month = c.month - interval 1 month
order by 1
