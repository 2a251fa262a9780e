-- kpis: [revenue_paid, orders_paid, average_order_value]
-- by: [month, channel]
select
  cast(date_trunc('month', ordered_at) as date) as "month",
  channel,
  sum(amount) as revenue_paid,
  count(*) as orders_paid,
  cast(sum(amount) as double) / count(*) as average_order_value
from orders
where status = 'paid'
group by 1, 2
order by 1 nulls last, 2 nulls last
