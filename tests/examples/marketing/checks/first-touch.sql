-- Revenue by what brought the buyer for the first time of all
-- by: month, first_touch_channel
with firsts as (select visitor_id, arg_min(channel, started_at) as channel from visits where visitor_id is not null group by all)
select s.month, coalesce(f.channel, v.channel) as first_touch_channel, sum(s.net) as net_revenue_by_order_date
from sales as s
left join visits as v on v.session_id = s.session_id
left join firsts as f on f.visitor_id = v.visitor_id
group by all
