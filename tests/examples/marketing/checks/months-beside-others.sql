-- Baskets beside the month before, conversion beside the same month of the year before
-- by: month
with baskets as (select month, cast(sum(net) as double) / count(*) as v from sales group by all),
pieces as (
  select month, cast(sum(n) as double) / count(*) as v
  from sales left join (select order_id, sum(quantity) as n from marketing.order_lines group by all) as lines using (order_id) group by all),
rates as (select month, count(*) filter (where key_events > 0) / cast(count(*) as double) as v from visits group by all)
select m as month,
       (select v from baskets where month = m) / (select v from baskets where month = m - interval 1 month) - 1 as average_order_value_growth,
       (select v from pieces where month = m) / (select v from pieces where month = m - interval 1 month) - 1 as average_order_value_growth_by_items,
       ((select v from baskets where month = m) / (select v from pieces where month = m))
         / ((select v from baskets where month = m - interval 1 month) / (select v from pieces where month = m - interval 1 month)) - 1 as average_order_value_growth_by_price,
       (select v from rates where month = m) - (select v from rates where month = m - interval 1 year) as conversion_rate_change
from months
