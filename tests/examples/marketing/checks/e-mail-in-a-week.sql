-- Clicks within 7 days of what was delivered, of messages that are old enough
-- by: month
select month_of(sent_at) as month,
       count(*) filter (where first_clicked_at <= sent_at + interval 168 hours) / cast(count(*) as double) as email_click_rate_in_a_week
from marketing.email_sends
where delivered_at is not null and sent_at <= timestamp '2026-09-30 22:00:00' - interval 168 hours
group by all
