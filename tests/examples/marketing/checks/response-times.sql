-- Until the first answer, on the clock and in hours of business (counted anew, minute by minute); who waits still is not forgotten
-- by: month, contact_channel
with holidays as (
  select unnest(['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25']) as md),
shifts as (
  select d + interval 9 hour as opens, d + interval 18 hour as closes
  from (select unnest(generate_series(timestamp '2024-09-25', timestamp '2026-10-05', interval 1 day)) as d)
  where isodow(d) <= 5 and strftime(d, '%m-%d') not in (select md from holidays)),
told as (
  select *, month_of(created_at) as month,
         case when first_reply_at is not null then (
           select coalesce(sum(greatest(0, epoch(least(local(t.first_reply_at), closes)) - epoch(greatest(local(t.created_at), opens)))), 0)
           from shifts where closes > local(t.created_at) and opens < local(t.first_reply_at)) end as open_seconds
  from marketing.tickets as t)
select month, contact_channel,
       median((epoch(coalesce(first_reply_at, timestamp '2026-09-30 22:00:00')) - epoch(created_at)) / 60.0) as first_response_time,
       median(floor(open_seconds / 60)) as first_response_time_business
from told group by all
