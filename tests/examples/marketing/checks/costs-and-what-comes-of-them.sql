-- Revenue and leads beside all costs and hours; orders on the day of their visit; visitors and qualified leads
-- by: month
select m as month,
       (select coalesce(cast(sum(net) as double), 0) from sales where month = m) / (select cast(sum(cost) as double) from costs where month = m) as revenue_per_cost,
       (select count(*) from leads as l where l.month = m and not exists (
          select 1 from leads as b
          where b.email_hash = l.email_hash and b.created_at < l.created_at and b.created_at >= l.created_at - interval 2160 hours))
       / (select cast(sum(hours) as double) from costs where month = m) as leads_per_hour,
       (select coalesce(cast(sum(s.net) as double), 0) from sales as s join visits as v using (session_id)
        where v.campaign_id is not null and month_of(v.started_at) = m)
       / (select cast(sum(cost) as double) from costs where month = m and campaign_id is not null) as roi_by_click_date,
       (select coalesce(cast(sum(net) as double), 0) from sales where month = m)
       / (select count(distinct visitor_id) from events where month = m) as revenue_per_visitor,
       1000.0 * (select count(*) from leads where month_of(mql_at) = m) / (select count(*) from visits where month = m) as traffic_quality_lead_yield
from months
