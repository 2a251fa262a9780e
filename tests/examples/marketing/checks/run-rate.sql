-- What September comes to if it goes on as in its first twenty days
-- by: month
-- as_of: 2026-09-21
-- period: 2026-09
select date '2026-09-01' as month, cast(sum(net) as double) * 30 / 20 as revenue_run_rate
from sales where month = date '2026-09-01' and ordered_at < timestamp '2026-09-20 22:00:00'
