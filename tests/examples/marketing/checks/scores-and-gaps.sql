-- What models last said of each customer in the month, and the days between orders, a mean of each customer's mean
-- by: month
with last as (
  select cast(date_trunc('month', scored_on) as date) as month, customer_id,
         arg_max(predicted_revenue, scored_on) as revenue, arg_max(expected_retention, scored_on) as stays,
         arg_max(predicted_lifetime_value, scored_on) as lifetime,
         arg_max(purchase_probability, scored_on) as buys, arg_max(churn_probability, scored_on) as leaves
  from marketing.customer_scores group by all),
gaps as (
  select month, customer_id, avg(days) as days
  from (
    select month, customer_id,
           (epoch(ordered_at) - epoch(lag(ordered_at) over (partition by customer_id order by ordered_at))) / 86400.0 as days
    from sales where customer_id is not null)
  where days is not null group by all)
select m as month,
       (select coalesce(sum(revenue), 0) from last where month = m) as revenue_predicted,
       (select avg(cast(stays as double)) from last where month = m) as retention_duration_model,
       (select avg(cast(lifetime as double)) from last where month = m) as customer_lifetime_value_model,
       (select avg(buys) from last where month = m) as purchase_probability,
       (select avg(leaves) from last where month = m) as churn_probability,
       (select avg(days) from gaps where month = m) as days_between_orders
from months
