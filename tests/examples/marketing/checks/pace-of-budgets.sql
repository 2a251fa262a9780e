-- How much of a budget is spent when two thirds of September are over, and whether that is too fast
-- by: month, platform
-- as_of: 2026-09-21
-- period: 2026-08-01..2026-10-01
with spent as (
  select month, platform, sum(spend) as v from ads
  where served_on >= date '2026-08-01' and served_on < date '2026-09-21' group by all),
planned as (
  select cast(date_trunc('month', planned_on) as date) as month, platform, sum(budget) as v
  from marketing.campaign_budgets where planned_on >= date '2026-08-01' and planned_on < date '2026-10-01' group by all)
select month, platform,
       coalesce(cast(spent.v as double), 0) / cast(planned.v as double) as budget_consumption,
       coalesce(cast(spent.v as double), 0) / cast(planned.v as double)
       / case month when date '2026-09-01' then 20 / 30.0 else 1 end as budget_pacing
from planned left join spent using (month, platform)
