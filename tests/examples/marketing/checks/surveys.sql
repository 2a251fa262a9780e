-- Promoters less detractors, of answers and of each person's last one; content people on two scales
-- by: month
with given as (
  select *, month_of(responded_at) as month,
         row_number() over (partition by question, respondent_id, month_of(responded_at) order by responded_at desc, response_id desc) as back
  from marketing.survey_responses where responded_at is not null and score between scale_min and scale_max)
select m as month,
       (select 100.0 * (count(*) filter (where score >= 9) - count(*) filter (where score <= 6)) / nullif(count(*), 0)
        from given where month = m and question = 'nps') as nps,
       (select 100.0 * avg(case when score >= 9 then 1 when score <= 6 then -1 else 0 end)
        from given where month = m and question = 'nps' and back = 1 and respondent_id is not null) as nps_latest_answer,
       (select count(*) filter (where score >= scale_max - 1) / nullif(cast(count(*) as double), 0)
        from given where month = m and question = 'csat') as csat_top2box,
       (select count(*) filter (where score >= scale_max - 1) / nullif(cast(count(*) as double), 0)
        from marketing.survey_responses where month_of(invited_at) = m and question = 'csat' and score between scale_min and scale_max) as csat_top2box_by_invitation,
       (select count(*) filter (where score >= scale_max - 1) / nullif(cast(count(*) as double), 0)
        from given where month = m and question = 'csat' and back = 1 and respondent_id is not null) as csat_top2box_per_respondent,
       (select count(*) filter (where score >= scale_max - 2) / nullif(cast(count(*) as double), 0)
        from given where month = m and question = 'ces') as ces_top3box,
       (select avg(score) from given where month = m and question = 'ces') as ces_mean,
       (select count(*) filter (where responded_at <= invited_at + interval 336 hours) / nullif(cast(count(*) as double), 0)
        from marketing.survey_responses
        where month_of(invited_at) = m and invited_at <= timestamp '2026-09-30 22:00:00' - interval 336 hours) as survey_response_rate
from months
