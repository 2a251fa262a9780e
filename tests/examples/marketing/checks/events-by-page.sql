-- Views of pages, and conversions of each kind once in a visit
-- by: month, device
select e.month, v.device,
       count(*) filter (where event_name = 'page_view') as pageviews,
       count(distinct case when is_key_event then e.session_id || ' ' || event_name end) as conversions_once_per_session
from events as e left join visits as v using (session_id) group by all
