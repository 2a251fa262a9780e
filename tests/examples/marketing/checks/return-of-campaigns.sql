-- What a campaign's visits bring in revenue and margin, beside what it costs in all
-- by: month, campaign
with revenue as (select month, campaign_id, sum(net) as v from sales where campaign_id is not null group by all),
margins as (select month, campaign_id, sum(margin) as v from lines where campaign_id is not null group by all),
spent as (select month, campaign_id, sum(cost) as v from costs where campaign_id is not null group by all),
all_of_them as (
  select month, campaign_id from revenue union select month, campaign_id from margins union select month, campaign_id from spent)
select month, campaign_id as campaign,
       coalesce(revenue.v, 0) / nullif(cast(spent.v as double), 0) as roi_benefit_cost_ratio,
       coalesce(margins.v, 0) / nullif(cast(spent.v as double), 0) as roi_benefit_cost_ratio_margin,
       cast(coalesce(margins.v, 0) - spent.v as double) / nullif(cast(spent.v as double), 0) as roi_net,
       coalesce(margins.v, 0) - coalesce(spent.v, 0) as campaign_contribution
from all_of_them
left join revenue using (month, campaign_id)
left join margins using (month, campaign_id)
left join spent using (month, campaign_id)
