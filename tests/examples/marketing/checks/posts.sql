-- What posts did, by network; what one does not tell is no number of its own, and Instagram's views count since it gave up impressions
-- by: month, platform
with told as (
  select *, cast(date_trunc('month', date_day) as date) as month,
         case when platform <> 'instagram' or date_day < date '2025-04-21' then impressions else views end as shown,
         coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) + coalesce(saves, 0) as n
  from marketing.social_posts),
of_posts as (
  select month, platform, post_id, sum(n) / nullif(cast(sum(shown) as double), 0) as rate from told group by all),
means as (select month, platform, avg(rate) as rate from of_posts group by all)
select t.month, t.platform,
       sum(shown) as social_impressions, sum(n) as social_interactions, sum(clicks) as social_clicks,
       coalesce(sum(likes), 0) + 2 * coalesce(sum(comments), 0) + 3 * coalesce(sum(shares), 0) + 2 * coalesce(sum(saves), 0) as weighted_interactions,
       sum(n) / cast(count(distinct post_id) as double) as interactions_per_post,
       coalesce(sum(shares), 0) / cast(count(distinct post_id) as double) as amplification_rate,
       sum(n) / nullif(cast(sum(shown) as double), 0) as engagement_rate_social_impressions,
       sum(n) filter (where views is not null) / nullif(cast(sum(views) as double), 0) as engagement_rate_social_views,
       any_value(means.rate) as engagement_rate_social_post_average
from told as t join means on means.month = t.month and means.platform = t.platform
group by t.month, t.platform
