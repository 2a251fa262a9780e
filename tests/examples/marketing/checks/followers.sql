-- Followers as last seen until the end of the month, of each account; some days have no snapshot
-- by: month, platform
with seen as (
  select m, platform, account_id, arg_max(followers, date_day) as n
  from months join marketing.social_accounts on date_day < months.n group by all),
stand as (select m, platform, sum(n) as n from seen group by all)
select s.m as month, s.platform, s.n as followers,
       s.n - coalesce(b.n, 0) as follower_growth,
       s.n / cast(b.n as double) - 1 as follower_growth_rate,
       (select sum(new_followers) - sum(unfollows) from marketing.social_accounts as a
        where a.platform = s.platform and date_trunc('month', a.date_day) = s.m) as net_new_followers
from stand as s left join stand as b on b.platform = s.platform and b.m = s.m - interval 1 month
