-- Leads at what those of their channel brought in 2025 (of a channel without any then nobody knows), and what a model expects; wins beside new leads
-- by: month
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
worth as (select lead_id, sum(net) as net from lead_of group by all),
told as (
  select l.*, v.channel, coalesce(w.net, 0) as net
  from leads as l left join visit_of as v using (lead_id) left join worth as w using (lead_id)),
wins as (select month_of(converted_at) as month, count(*) as n from leads where converted_at is not null group by all),
usual as (
  select channel, cast(sum(net) as double) / count(*) as value from told
  where month >= date '2025-01-01' and month < date '2026-01-01' group by all)
select t.month,
       avg(u.value) as lead_value_expected,
       avg(cast(t.expected_amount * e.rate as double)) as lead_value_model,
       avg(t.score) as lead_quality_score,
       coalesce(any_value(w.n), 0) / cast(count(*) as double) as lead_wins_per_new_lead
from told as t
left join usual as u on u.channel is not distinct from t.channel
left join wins as w on w.month = t.month
left join euros as e on e.currency = t.currency and e.day = cast(local(t.created_at) as date)
group by all
