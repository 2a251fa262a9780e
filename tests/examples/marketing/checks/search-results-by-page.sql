-- Results counted for each page: two pages in one answer are two impressions
-- by: month, page
select cast(date_trunc('month', data_date) as date) as month, url as page, sum(clicks) as organic_clicks_by_page,
       sum(impressions) as organic_impressions_by_page, cast(sum(clicks) as double) / sum(impressions) as organic_ctr_by_page
from marketing.search_pages group by all
