-- What platforms report, in euros at the rate of the day; some days have no report, some none at all
-- by: month, platform
select month, platform,
       sum(clicks) as ad_clicks, sum(spend) as ad_spend,
       cast(sum(clicks) as double) / nullif(sum(impressions), 0) as ctr_impressions,
       cast(sum(viewable_impressions) as double) / nullif(sum(measurable_impressions), 0) as viewability,
       cast(sum(worth) as double) / nullif(cast(sum(spend) as double), 0) as roas,
       cast(sum(spend) as double) / nullif(sum(clicks), 0) as cpc,
       1000 * cast(sum(spend) as double) / nullif(sum(impressions), 0) as cpm,
       cast(sum(spend) as double) / nullif(cast(sum(conversions) as double), 0) as cpa
from ads group by all
