-- Interactions of each day beside that day's followers, and the mean of the days
-- by: month
-- period: 2026-Q2
with days as (select cast(unnest(generate_series(timestamp '2026-04-01', timestamp '2026-06-30', interval 1 day)) as date) as day),
done as (
  select date_day as day, sum(coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) + coalesce(saves, 0)) as n
  from marketing.social_posts group by all),
seen as (
  select day, platform, account_id, arg_max(followers, date_day) as n
  from days join marketing.social_accounts on date_day <= day group by all),
stand as (select day, sum(n) as n from seen group by all)
select cast(date_trunc('month', day) as date) as month,
       avg(coalesce(done.n, 0) / cast(stand.n as double)) as engagement_rate_daily_mean
from days join stand using (day) left join done using (day)
group by all
