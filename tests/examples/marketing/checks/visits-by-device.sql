-- What visits are worth, without robots and staff
-- by: month, device
select month, device, count(*) as sessions,
       count(*) filter (where key_events > 0) / cast(count(*) as double) as conversion_rate_session,
       count(*) filter (where engaged) / cast(count(*) as double) as engagement_rate_web,
       count(*) filter (where not engaged) / cast(count(*) as double) as bounce_rate_ga4,
       count(*) filter (where interaction_hits = 1) / cast(count(*) as double) as bounce_rate_ua,
       cast(sum(duration) as double) / count(*) as average_session_duration,
       quantile_cont(cast(duration as double), 0.5) as median_session_duration,
       cast(sum(pageviews) as double) / count(*) as pages_per_session,
       count(*) filter (where session_number = 1) / cast(count(*) as double) as new_visit_share
from visits group by all
