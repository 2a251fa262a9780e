-- Places of keywords, and what they may bring by one's own click curve; who is not found has no place
-- by: month, keyword
select cast(date_trunc('month', checked_on) as date) as month, keyword,
       avg(k.position) as average_tracked_position,
       count(*) filter (where k.position <= 10) / cast(count(*) as double) as share_in_top_ten,
       cast(coalesce(sum(search_volume * coalesce(click_rate, 0)), 0) as double) / nullif(cast(sum(search_volume) as double), 0) as search_visibility
from marketing.keyword_ranks as k left join marketing.click_curve as c on c.position = k.position
group by all
