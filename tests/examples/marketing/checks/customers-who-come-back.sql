-- Customers by how often they order: in the month, in twelve months, ever; guests are nobody
-- by: month
with buyers as (
  select month, customer_id, count(*) as n, max(nth) as last, min(ordered_at) as first
  from sales where customer_id is not null group by all),
firsts as (select customer_id, min(ordered_at) as ever from sales where customer_id is not null group by all),
year as (
  select m, customer_id, count(*) as n
  from months join sales on month > m - interval 12 month and month <= m
  where customer_id is not null group by all)
select month,
       (select count(*) from year where m = month and n >= 2) as recurring_customers,
       count(*) filter (where last >= 2) as recurring_customers_ever,
       count(*) filter (where n >= 2) / cast(count(*) as double) as repeat_purchase_rate,
       count(*) filter (where local(ever) < month) / cast(count(*) as double) as returning_customer_rate,
       sum(n) / cast(count(*) as double) as purchase_frequency
from buyers join firsts using (customer_id)
group by all
