-- Who orders again after the first order of all, by the month of the first order; a day is 24 hours
-- by: month
with firsts as (select customer_id, ordered_at as t, month from sales where nth = 1),
told as (
  select month, t,
         exists (select 1 from sales as s where s.customer_id = f.customer_id and s.ordered_at >= t + interval 720 hours and s.ordered_at < t + interval 744 hours) as d30,
         exists (select 1 from sales as s where s.customer_id = f.customer_id and s.ordered_at >= t + interval 720 hours) as later,
         exists (select 1 from sales as s where s.customer_id = f.customer_id and s.ordered_at >= t + interval 720 hours and s.ordered_at < t + interval 1440 hours) as d60
  from firsts as f)
select month,
       avg(cast(d30 as int)) filter (where t <= timestamp '2026-09-30 22:00:00' - interval 744 hours) as cohort_retention_day_30,
       avg(cast(later as int)) filter (where t <= timestamp '2026-09-30 22:00:00' - interval 720 hours) as cohort_retention_unbounded,
       avg(cast(d60 as int)) filter (where t <= timestamp '2026-09-30 22:00:00' - interval 1440 hours) as cohort_retention_days_30_to_60
from told group by all
