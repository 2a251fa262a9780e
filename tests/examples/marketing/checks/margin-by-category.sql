-- What goods bring after their cost; the sort of some is not known
-- by: month, category
select month, category, sum(margin) as gross_margin,
       cast(sum(margin) as double) / nullif(cast(sum(sold) as double), 0) as gross_margin_rate,
       coalesce(sum(sold) filter (where is_addon), 0) as additional_sales_add_on
from lines group by all
