-- kpis: [sessions_bought_twice]
-- by: [channel]
with twice as (
  select a.visitor_id, a.purchased_at as begun, min(b.purchased_at) as ended
  from purchases a
  join purchases b on b.visitor_id = a.visitor_id and b.purchased_at > a.purchased_at
  where a.is_paid
  group by 1, 2
)
select s.channel, count(*) as sessions_bought_twice
from sessions s
semi join twice t
  on t.visitor_id = s.visitor_id and t.begun > s.started_at and t.ended <= s.started_at + interval 30 days
group by 1
order by 1 nulls last
