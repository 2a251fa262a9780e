-- Who is new among those who see a page: by the first event of all, whatever page that was on
-- by: month, page
with firsts as (select visitor_id, month_of(min(happened_at)) as first_month from events where visitor_id is not null group by all)
select e.month, e.page_url as page,
       count(distinct e.visitor_id) filter (where f.first_month = e.month) / nullif(cast(count(distinct e.visitor_id) as double), 0) as new_visitor_share
from events as e left join firsts as f using (visitor_id) group by all
