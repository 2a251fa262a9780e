-- Leads but for addresses that came in during the 90 days before, and what they cost without sales, by campaign
-- by: month, campaign
with told as (
  select l.*, exists (
           select 1 from leads as b
           where b.email_hash = l.email_hash and b.created_at < l.created_at and b.created_at >= l.created_at - interval 2160 hours) as again
  from leads as l),
won as (select month, campaign_id, count(*) filter (where not again) as n from told group by all),
spent as (select month, campaign_id, coalesce(sum(cost) filter (where cost_type != 'sales'), 0) as v from costs group by all)
select coalesce(won.month, spent.month) as month, coalesce(won.campaign_id, spent.campaign_id) as campaign,
       coalesce(n, 0) as leads_generated,
       coalesce(cast(v as double), 0) / nullif(n, 0) as cpl
from won full join spent on won.month = spent.month and won.campaign_id is not distinct from spent.campaign_id
