-- Basket, orders of a customer and margin of twelve months, over the part of the buyers of a year that the next year loses
-- by: month
with year as (
  select m, count(*) as orders, count(*) filter (where customer_id is not null) as known,
         count(distinct customer_id) as buyers, sum(net) as net
  from months join sales on month > m - interval 12 month and month <= m group by all),
goods as (
  select m, sum(margin) as margin, sum(sold) as sold
  from months join lines on month > m - interval 12 month and month <= m group by all),
who as (
  select distinct m, customer_id from months join sales on month > m - interval 12 month and month <= m
  where customer_id is not null),
kept as (
  select b.m + interval 12 month as m, count(n.customer_id) / cast(count(*) as double) as part
  from who as b left join who as n on n.customer_id = b.customer_id and n.m = b.m + interval 12 month group by all)
select cast(year.m as date) as month,
       cast(net as double) / orders * (known / cast(buyers as double)) * (cast(margin as double) / cast(sold as double)) / nullif(1 - part, 0)
         as customer_lifetime_value_simple
from year join goods using (m) join kept using (m)
