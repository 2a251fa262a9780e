-- The shop's own conversion and bounces beside what competitors tell of the same month
-- by: month, competitor
with own as (
  select month, count(*) filter (where key_events > 0) / cast(count(*) as double) as converts,
         count(*) filter (where not (pageviews >= 2 or key_events >= 1 or engaged_time >= 10)) / cast(count(*) as double) as bounces
  from visits group by all)
select month, compared_with as competitor,
       max(converts / value) filter (where kpi_name = 'conversion_rate_session') as benchmark_conversion_rate,
       max(converts - value) filter (where kpi_name = 'conversion_rate_session') as benchmark_conversion_rate_gap,
       max(bounces / value) filter (where kpi_name = 'bounce_rate_ga4') as benchmark_bounce_rate
from marketing.benchmarks join own on month = covers_from group by all
