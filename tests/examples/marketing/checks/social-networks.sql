-- Conversions and leads by the visit behind them, where that came from a network
-- by: month
with once as (
  select e.month from events as e join visits as v using (session_id)
  where v.channel in ('Organic Social', 'Paid Social') and e.is_key_event
    and not (e.transaction_id is not null and exists (
      select 1 from events as f
      where f.transaction_id = e.transaction_id and f.event_name = e.event_name and f.happened_at < e.happened_at))),
came as (
  select l.lead_id, l.month, arg_max(v.channel, v.started_at) as channel,
         exists (select 1 from leads as b
                 where b.email_hash = l.email_hash and b.created_at < l.created_at and b.created_at >= l.created_at - interval 2160 hours) as again
  from leads as l
  join visits as v on v.visitor_id = l.visitor_id and v.started_at <= l.created_at and v.started_at > l.created_at - interval 720 hours
  group by all)
select * from (
  select m as month,
         (select count(*) from once where month = m) as social_conversions,
         (select count(*) from came where month = m and channel in ('Organic Social', 'Paid Social') and not again) as social_leads
  from months)
where social_conversions + social_leads > 0
