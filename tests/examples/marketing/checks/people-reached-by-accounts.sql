-- People whom a network tells for exactly the month, and interactions beside them
-- by: month, platform, account
with told as (
  select cast(date_trunc('month', date_day) as date) as month, platform, account_id,
         sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) + coalesce(saves, 0)) as n
  from marketing.social_posts group by all)
select r.covers_from as month, r.platform, r.account_id as account, r.reach as social_people_reached,
       coalesce(t.n, 0) / cast(r.reach as double) as engagement_rate_social_reach
from marketing.social_reach as r
left join told as t on t.month = r.covers_from and t.platform = r.platform and t.account_id = r.account_id
where extract(day from r.covers_from) = 1 and r.covers_until = r.covers_from + interval 1 month
