-- What leads of a month become in 90 days, by the channel of the last visit before; an order belongs to the latest lead of its customer
-- by: month, channel
with visit_of as (
  select l.lead_id, arg_max(v.channel, v.started_at) as channel
  from leads as l
  join visits as v on v.visitor_id = l.visitor_id and v.started_at <= l.created_at and v.started_at > l.created_at - interval 720 hours
  group by all),
lead_of as (
  select s.order_id, s.net, arg_max(l.lead_id, l.created_at) as lead_id
  from sales as s
  join leads as l on l.customer_id = s.customer_id and l.created_at <= s.ordered_at and l.created_at > s.ordered_at - interval 2160 hours
  group by all),
worth as (select lead_id, sum(net) as net from lead_of group by all)
select l.month, v.channel,
       cast(coalesce(sum(w.net), 0) as double) / count(*) as lead_value_realised,
       count(*) filter (where converted_at <= created_at + interval 2160 hours) / cast(count(*) as double) as lead_to_customer_rate,
       count(*) filter (where mql_at <= created_at + interval 2160 hours) / cast(count(*) as double) as lead_quality_qualified_rate
from leads as l left join visit_of as v using (lead_id) left join worth as w using (lead_id)
where l.created_at <= timestamp '2026-09-30 22:00:00' - interval 2160 hours
group by all
