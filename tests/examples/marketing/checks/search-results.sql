-- Places in search results count from 0 in the export; queries that are kept back have no name
-- by: month, device
with told as (select *, cast(date_trunc('month', data_date) as date) as month, nullif(query, '') as named from marketing.search_site)
select month, device,
       sum(clicks) as organic_clicks,
       cast(sum(clicks) as double) / sum(impressions) as organic_ctr,
       cast(sum(sum_top_position) as double) / sum(impressions) + 1 as average_position,
       count(distinct named) as query_frequency_queries,
       cast(sum(impressions) filter (where named is not null) as double) / count(distinct named) / any_value(days) as query_frequency_impressions
from told join (select m as month, n - m as days from months) using (month) group by all
