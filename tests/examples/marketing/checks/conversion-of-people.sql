-- Conversions of events and people, by the channel of the visit; a purchase that is sent twice is one
-- by: month, channel
with once as (
  select e.*, v.channel,
         e.transaction_id is not null and exists (
           select 1 from events as f
           where f.transaction_id = e.transaction_id and f.event_name = e.event_name and f.happened_at < e.happened_at) as again
  from events as e left join visits as v using (session_id))
select month, channel,
       count(*) filter (where is_key_event and not again) as conversions,
       count(distinct visitor_id) filter (where is_key_event) / nullif(cast(count(distinct visitor_id) as double), 0) as conversion_rate_visitor,
       count(*) filter (where is_key_event and not again) / nullif(cast(count(distinct visitor_id) as double), 0) as conversion_rate_events_per_visitor
from once group by all
