-- What customers have brought so far, by the month of their first order and what brought them; staff is out
-- by: month, acquisition_channel
with margins as (select customer_id, sum(margin) as margin from lines where customer_id is not null group by all)
select s.month, c.acquisition_channel, avg(coalesce(margin, 0)) as customer_lifetime_value_historic
from sales as s
join marketing.customers as c on c.customer_id = s.customer_id and not c.is_internal
left join margins on margins.customer_id = s.customer_id
where s.nth = 1 group by all
