-- kpis: [sessions_bought]
-- by: [channel]
select s.channel, count(*) as sessions_bought
from sessions s
semi join purchases p
  on p.visitor_id = s.visitor_id and p.is_paid
  and p.purchased_at > s.started_at and p.purchased_at <= s.started_at + interval 7 days
group by 1
order by 1 nulls last
