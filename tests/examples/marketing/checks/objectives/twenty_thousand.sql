-- What accounts had when they were last seen before the 21st; the day is not yet due
with seen as (
  select platform, account_id, arg_max(followers, date_day) as n from marketing.social_accounts
  where date_day < date '2026-09-21' group by all)
select sum(n) as value, sum(n) as value_now, 20000 as target, sum(n) >= 20000 as met,
       case when sum(n) >= 20000 then 'met' else 'not_due' end as status
from seen
