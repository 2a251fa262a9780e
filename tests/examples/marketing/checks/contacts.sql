-- Contacts of known people for 30 days, beside those who held a contract when the last month was over, and beside those who were in contact
-- by: month
with spoke as (select month_of(occurred_at) as month, customer_id from marketing.interactions where customer_id is not null)
select cast(m as date) as month,
       (select count(*) from spoke where month = m)
       / nullif(cast((select count(distinct customer_id) from held as h where h.m = months.m - interval 1 month) as double), 0)
       / ((n - m) / 30.0) as interaction_frequency_active,
       (select count(*) / nullif(cast(count(distinct customer_id) as double), 0) from spoke where month = m)
       / ((n - m) / 30.0) as interaction_frequency_interacting
from months
