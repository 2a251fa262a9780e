-- What was last seen of each site until the end of the month; the crawler left out the last weeks of one
-- by: month, site
with seen as (
  select m, site_url, arg_max(indexed_pages, seen_on) as indexed, arg_max(backlinks, seen_on) as links
  from months join marketing.site_snapshots on seen_on < months.n group by all),
told as (
  select m, site_url, arg_max(indexed_pages, seen_on) as indexed, arg_max(submitted_pages, seen_on) as submitted
  from months join marketing.site_snapshots on seen_on < months.n
  where submitted_pages is not null and indexed_pages is not null group by all)
select s.m as month, s.site_url as site, s.indexed as indexed_pages, s.links as backlinks,
       s.links - coalesce(b.links, 0) as net_new_backlinks,
       t.indexed / cast(t.submitted as double) as index_coverage
from seen as s
join told as t on t.m = s.m and t.site_url = s.site_url
left join seen as b on b.site_url = s.site_url and b.m = s.m - interval 1 month
