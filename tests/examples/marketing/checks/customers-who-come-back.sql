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
select m as month,
       (select count(*) from year where year.m = months.m and n >= 2) as recurring_customers,
       count(*) filter (where last >= 2) as recurring_customers_ever,
       count(*) filter (where buyers.n >= 2) / nullif(cast(count(customer_id) as double), 0) as repeat_purchase_rate,
       count(*) filter (where local(ever) < m) / nullif(cast(count(customer_id) as double), 0) as returning_customer_rate,
       sum(buyers.n) / nullif(cast(count(customer_id) as double), 0) as purchase_frequency
from months left join (buyers join firsts using (customer_id)) on month = m
group by all
