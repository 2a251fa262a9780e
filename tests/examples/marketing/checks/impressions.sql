-- What was shown, seen and claimed, by campaign; one platform does not tell what was seen
-- by: month, campaign
select month, campaign_id as campaign, sum(impressions) as ad_impressions,
       sum(viewable_impressions) as viewable_impressions, coalesce(sum(conversions), 0) as ad_conversions
from ads group by all
