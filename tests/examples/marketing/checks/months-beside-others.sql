-- Baskets beside the month before, conversion beside the same month of the year before
-- by: month
with baskets as (select month, cast(sum(net) as double) / count(*) as v from sales group by all),
rates as (select month, count(*) filter (where key_events > 0) / cast(count(*) as double) as v from visits group by all)
select m as month,
       (select v from baskets where month = m) / (select v from baskets where month = m - interval 1 month) - 1 as average_order_value_growth,
       (select v from rates where month = m) - (select v from rates where month = m - interval 1 year) as conversion_rate_change
from months
