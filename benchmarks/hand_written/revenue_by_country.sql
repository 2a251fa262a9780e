-- kpis: [revenue]
-- by: [country]
select c.country, sum(o.amount) as revenue
from orders as o
left join customers as c on c.customer_id = o.customer_id
group by 1
order by 1 nulls last
