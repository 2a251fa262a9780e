-- Leads of 60 points and more, and what campaigns cost in months in which they brought no lead, each on its platform
-- by: month
with told as (
  select l.*, exists (
           select 1 from leads as b
           where b.email_hash = l.email_hash and b.created_at < l.created_at and b.created_at >= l.created_at - interval 2160 hours) as again
  from leads as l),
spent as (
  select month, platform, campaign_id, sum(cost) as v from costs
  where cost_type <> 'sales' and platform is not null and campaign_id is not null group by all)
select m as month,
       (select count(*) filter (where score >= 60) / nullif(cast(count(score) as double), 0) from leads where month = m) as lead_quality_high_score_share,
       (select coalesce(sum(v), 0) from spent as s
        where s.month = m and not exists (
          select 1 from told as l
          where l.month = m and l.platform = s.platform and l.campaign_id = s.campaign_id and not again)) as wasted_spend
from months
