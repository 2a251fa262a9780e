-- kpis: [revenue]
-- by: [month]
select cast(date_trunc('month', ordered_at) as date) as "month", sum(amount) as revenue
from orders
group by 1
order by 1 nulls last
