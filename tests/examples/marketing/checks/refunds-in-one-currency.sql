-- Baskets after refunds, in euros at the rate of the order's day, by what brought the visit
-- by: month, channel
select month, channel,
       sum(net) as net_revenue_by_order_date,
       cast(sum(net) as double) / count(*) as average_order_value,
       cast(sum(sold) as double) / count(*) as average_order_value_before_refunds,
       cast(sum(gross) as double) / count(*) as average_order_value_gross
from sales group by all
