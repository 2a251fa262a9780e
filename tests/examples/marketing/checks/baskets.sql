-- What is in orders and what buyers paid, by country: that of the visit, or else the customer's
-- by: month, country
with placed as (
  select s.*, coalesce(v.country, c.country) as country,
         (s.gross_amount - coalesce(s.discount_amount, 0) + coalesce(s.shipping_amount, 0) + coalesce(s.tax_amount, 0)) * s.rate as charged
  from sales as s
  left join visits as v on v.session_id = s.session_id
  left join marketing.customers as c on c.customer_id = s.customer_id and not c.is_internal),
goods as (select order_id, sum(quantity) as n, bool_or(is_addon) as has_addon from marketing.order_lines group by all)
select month, country,
       cast(sum(charged) as double) / count(*) as average_order_value_charged,
       coalesce(sum(net) filter (where nth >= 2), 0) as additional_sales_repeat,
       cast(sum(n) as double) / count(*) as items_per_order,
       count(*) filter (where has_addon) / cast(count(*) as double) as attach_rate
from placed left join goods using (order_id) group by all
