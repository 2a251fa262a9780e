-- What a new customer costs, by all costs and by media alone, of this month and of the one before; staff is out
-- by: month
with first_orders as (
  select s.month, c.acquisition_channel
  from sales as s join marketing.customers as c on c.customer_id = s.customer_id and not c.is_internal
  where s.nth = 1),
counted as (
  select m,
         (select count(*) from first_orders where month = m) as won,
         (select count(*) from first_orders
          where month = m and acquisition_channel in ('Affiliates', 'Display', 'Paid Search', 'Paid Social')) as paid,
         (select coalesce(sum(cost), 0) from costs where month = m) as cost,
         (select coalesce(sum(cost), 0) from costs where month = m - interval 1 month) as cost_before,
         (select sum(cost) from costs where month = m and cost_type = 'media') as media,
         (select sum(margin) from lines where month = m and customer_id is not null) as margin,
         (select count(distinct customer_id) from sales where month = m) as buyers
  from months)
select m as month,
       cast(cost as double) / nullif(won, 0) as cac_blended,
       cast(media as double) / nullif(paid, 0) as cac_paid,
       cast(cost_before as double) / nullif(won, 0) as cac_lagged,
       cast(cost as double) / nullif(won, 0) / nullif(cast(margin as double) / nullif(buyers, 0), 0) as cac_payback
from counted
