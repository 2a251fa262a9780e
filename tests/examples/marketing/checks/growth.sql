-- Revenue beside the month before, the same month a year before, and so far in the year
-- by: month
with sold as (select month, sum(net) as v from sales group by all),
so_far as (select m, (select sum(v) from sold where month >= date_trunc('year', m) and month <= m) as v from months)
select m as month,
       (select cast(v as double) from sold where month = m) / (select cast(v as double) from sold where month = m - interval 1 month) - 1 as revenue_growth,
       (select cast(v as double) from sold where month = m) / (select cast(v as double) from sold where month = m - interval 1 year) - 1 as revenue_growth_on_year,
       cast(v as double) / (select cast(v as double) from so_far as b where b.m = so_far.m - interval 1 year) - 1 as revenue_growth_year_to_date
from so_far
