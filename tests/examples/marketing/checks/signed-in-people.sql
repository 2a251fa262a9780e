-- People who sign in, and how long pages are in front of an active visitor; robots and staff are neither
-- by: month
select m as month,
       (select count(distinct user_id) from events where month = m) as signed_in_visitors,
       (select cast(sum(engaged_time) as double) from visits where month = m and visitor_id is not null)
       / nullif((select count(distinct e.visitor_id) from events as e left join visits as v using (session_id)
                 where e.month = m and (v.engaged or e.engagement_time > 0)), 0) as engaged_time_per_active_visitor
from months
