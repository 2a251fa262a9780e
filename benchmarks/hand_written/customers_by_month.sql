-- kpis: [customers_active]
-- by: [month]
select cast(date_trunc('month', ordered_at) as date) as "month", count(distinct customer_id) as customers_active
from orders
group by 1
order by 1 nulls last
