-- kpis: [revenue]
-- by: [source]
-- times: 5
select
  case when t.touched_at >= o.ordered_at - interval 30 day then t.source end as source,
  sum(o.amount) as revenue
from orders as o
asof left join touches as t on t.customer_id = o.customer_id and t.touched_at < o.ordered_at
group by 1
order by 1 nulls last
