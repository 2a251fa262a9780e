-- Interactions of a post and of a day beside those who follow when the month is over; a day without any counts
-- by: month
with told as (
  select cast(date_trunc('month', date_day) as date) as month, platform, post_id,
         coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) + coalesce(saves, 0) as n
  from marketing.social_posts),
seen as (
  select m, platform, account_id, arg_max(followers, date_day) as n
  from months join marketing.social_accounts on date_day < months.n group by all)
select m as month,
       (select sum(n) / cast(count(distinct platform || post_id) as double) from told where month = m)
       / (select sum(n) from seen as s where s.m = months.m) as engagement_rate_social_followers,
       (select sum(n) from told where month = m) / cast(n - m as double)
       / (select sum(n) from seen as s where s.m = months.m) as engagement_rate_daily
from months
