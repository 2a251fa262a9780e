-- Results counted once for the site, the part of the searches for brands that is one's own, and domains that link to it
-- by: month
with seen as (
  select m, site_url, arg_max(referring_domains, seen_on) as domains
  from months join marketing.site_snapshots on seen_on < months.n group by all)
select m as month,
       (select sum(impressions) from marketing.search_site where date_trunc('month', data_date) = m) as organic_impressions,
       (select sum(reported_position * impressions) / sum(impressions) from marketing.search_site where date_trunc('month', data_date) = m) as average_position_reported,
       (select cast(sum(searches) filter (where is_own) as double) / sum(searches) from marketing.brand_searches where month_on = m) as share_of_search,
       (select count(*) filter (where position <= 3) / cast(count(*) as double) from marketing.keyword_ranks where date_trunc('month', checked_on) = m) as share_in_top_three,
       (select sum(domains) from seen as s where s.m = months.m) as referring_domains
from months
