-- Ratings of requests and public reviews, and answers on whatever scale
-- by: month
select m as month,
       (select avg(score) from marketing.survey_responses where month_of(responded_at) = m and question = 'csat') as csat_mean,
       (select count(*) filter (where satisfaction = 'good') / nullif(cast(count(*) as double), 0) from marketing.tickets
        where month_of(created_at) = m and satisfaction in ('good', 'bad')) as csat_good_share,
       (select count(*) from marketing.tickets where month_of(solved_at) = m)
       / nullif(cast((select count(*) from marketing.tickets where month_of(created_at) = m) as double), 0) as resolution_rate_flow,
       (select avg(rating) from marketing.reviews where month_of(created_at) = m) as average_rating,
       (select count(*) filter (where rating >= 4) / nullif(cast(count(rating) as double), 0) from marketing.reviews
        where month_of(created_at) = m) as positive_review_share,
       (select count(complained_at) filter (where delivered_at is not null) / nullif(cast(count(delivered_at) as double), 0)
        from marketing.email_sends where month_of(sent_at) = m) as email_complaint_rate
from months
