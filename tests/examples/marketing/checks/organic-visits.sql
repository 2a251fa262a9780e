-- Visits from search engines that cost nothing, and how many of them convert
-- by: month, device
select month, device, count(*) filter (where channel = 'Organic Search') as organic_traffic,
       count(*) filter (where channel = 'Organic Search' and key_events > 0)
       / nullif(cast(count(*) filter (where channel = 'Organic Search') as double), 0) as organic_conversion_rate
from visits group by all having count(*) filter (where channel = 'Organic Search') > 0
