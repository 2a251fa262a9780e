-- Revenue by the last visit of the buyer's 30 days that was not direct, the one of the order itself first
-- by: month, last_non_direct_channel
with told as (
  select v.session_id, v.channel,
         (select arg_max(b.channel, b.started_at) from visits as b
          where b.visitor_id = v.visitor_id and b.channel != 'Direct'
            and b.started_at <= v.started_at and b.started_at > v.started_at - interval 720 hours) as known
  from visits as v where session_id in (select session_id from sales))
select s.month, coalesce(t.known, t.channel) as last_non_direct_channel, sum(s.net) as net_revenue_by_order_date
from sales as s left join told as t using (session_id)
group by all
