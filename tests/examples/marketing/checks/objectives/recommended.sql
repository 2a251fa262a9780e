-- Promoters less detractors; fewer than ten answers tell nothing
with given as (
  select month_of(responded_at) as month, score from marketing.survey_responses
  where question = 'nps' and score is not null and responded_at < timestamp '2026-09-20 22:00:00'),
told as (
  select month, count(*) as n, 100.0 * (count(*) filter (where score >= 9) - count(*) filter (where score <= 6)) / count(*) as v
  from given where month >= date '2026-01-01' group by all)
select month, v as value, n as sample, v >= 30 as met, v - 30 as gap,
       case when n < 10 then 'insufficient_data' when month < date '2026-09-01' then case when v >= 30 then 'met' else 'missed' end
            when v >= 30 then 'on_track' when v >= 27 then 'at_risk' else 'off_track' end as status
from told
