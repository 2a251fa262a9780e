-- The shop's own conversion over what competitors tell of the same month
-- by: month, competitor
with own as (select month, count(*) filter (where key_events > 0) / cast(count(*) as double) as rate from visits group by all)
select month, compared_with as competitor, rate / value as benchmark_conversion_rate
from marketing.benchmarks join own on month = covers_from
