-- Messages and invitations of two months as they stood on 11 September at midnight: what was opened, clicked or answered later was not yet
-- by: month
-- period: 2026-08-01..2026-10-01
-- as_of: 2026-09-11
with then_ as (select timestamp '2026-09-10 22:00:00' as t),
mails as (
  select month_of(sent_at) as month,
         delivered_at is not null and delivered_at < t as came,
         first_opened_at is not null and first_opened_at < t as opened,
         first_clicked_at is not null and first_clicked_at < t as clicked,
         unsubscribed_at is not null and unsubscribed_at < t as left_,
         case when first_clicked_at < t then clicks else 0 end as clicks_
  from marketing.email_sends, then_ where sent_at < t),
asked as (
  select month_of(invited_at) as month, question, score, scale_min, scale_max, invited_at, responded_at,
         responded_at is not null and responded_at < t as answered, t
  from marketing.survey_responses, then_ where invited_at < t)
select m as month,
       (select cast(sum(clicks_) as double) / nullif(count(*), 0) from mails where month = m) as email_click_rate_sent,
       (select cast(sum(clicks_) as double) / nullif(count(*), 0) from mails where month = m and came) as email_click_rate_delivered_total,
       (select count(*) filter (where clicked) / nullif(cast(count(*) as double), 0) from mails where month = m and came) as email_click_rate_delivered_unique,
       (select count(*) filter (where clicked) / nullif(cast(count(*) filter (where opened) as double), 0) from mails where month = m) as email_click_to_open_rate,
       (select count(*) filter (where came) / nullif(cast(count(*) as double), 0) from mails where month = m) as email_delivery_rate,
       (select count(*) filter (where opened) / nullif(cast(count(*) as double), 0) from mails where month = m and came) as email_open_rate,
       (select count(*) filter (where left_) / nullif(cast(count(*) as double), 0) from mails where month = m and came) as email_unsubscribe_rate,
       (select count(*) filter (where score >= scale_max - 1) / nullif(cast(count(*) as double), 0) from asked
        where month = m and answered and question = 'csat' and score between scale_min and scale_max) as csat_top2box_by_invitation,
       (select count(*) filter (where score >= scale_max - 1) / nullif(cast(count(*) as double), 0) from asked
        where month_of(responded_at) = m and answered and question = 'csat' and score between scale_min and scale_max) as csat_top2box,
       (select count(*) filter (where answered and responded_at <= invited_at + interval 336 hours) / nullif(cast(count(*) as double), 0) from asked
        where month = m and invited_at <= t - interval 336 hours) as survey_response_rate
from months where m in (date '2026-08-01', date '2026-09-01')
