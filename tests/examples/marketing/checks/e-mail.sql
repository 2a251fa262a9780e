-- What becomes of messages, by the mailing; some click without an open that anybody saw
-- by: month, campaign
select month_of(sent_at) as month, campaign_id as campaign,
       cast(sum(clicks) as double) / count(*) as email_click_rate_sent,
       count(first_clicked_at) filter (where delivered_at is not null) / nullif(cast(count(delivered_at) as double), 0) as email_click_rate_delivered_unique,
       cast(sum(clicks) as double) / nullif(count(delivered_at), 0) as email_click_rate_delivered_total,
       count(first_clicked_at) / nullif(cast(count(first_opened_at) as double), 0) as email_click_to_open_rate,
       count(delivered_at) / cast(count(*) as double) as email_delivery_rate,
       count(first_opened_at) filter (where delivered_at is not null) / nullif(cast(count(delivered_at) as double), 0) as email_open_rate,
       count(unsubscribed_at) filter (where delivered_at is not null) / nullif(cast(count(delivered_at) as double), 0) as email_unsubscribe_rate
from marketing.email_sends group by all
