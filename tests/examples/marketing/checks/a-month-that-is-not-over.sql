-- September on the 21st: what was there when it began is what was there when August was over, not on 21 August
-- by: month
-- period: 2026-09
-- as_of: 2026-09-21
with was as (
  select customer_id, sum(monthly) as monthly from contracts
  where valid_from <= date '2026-08-31' and (valid_to is null or valid_to > date '2026-08-31') group by all),
is_now as (
  select customer_id, sum(monthly) as monthly from contracts
  where valid_from <= date '2026-09-20' and (valid_to is null or valid_to > date '2026-09-20') group by all),
stays as (
  select count(*) as were, count(i.customer_id) as are, sum(w.monthly) as paid, sum(coalesce(i.monthly, 0)) as pay,
         sum(least(w.monthly, coalesce(i.monthly, 0))) as pay_at_most
  from was as w left join is_now as i using (customer_id)),
bought as (
  select distinct customer_id from sales
  where customer_id is not null and local(ordered_at) >= timestamp '2025-09-01' and local(ordered_at) < timestamp '2026-09-01'),
buys as (
  select distinct customer_id from sales
  where customer_id is not null and local(ordered_at) >= timestamp '2025-09-21' and local(ordered_at) < timestamp '2026-09-21'),
new_in_august as (
  select customer_id from sales
  where nth = 1 and local(ordered_at) >= timestamp '2026-08-01' and local(ordered_at) < timestamp '2026-09-01'),
in_september as (
  select distinct customer_id from sales where local(ordered_at) >= timestamp '2026-09-01' and local(ordered_at) < timestamp '2026-09-21'),
spoke as (
  select customer_id from marketing.interactions
  where customer_id is not null and local(occurred_at) >= timestamp '2026-09-01' and local(occurred_at) < timestamp '2026-09-21'),
followed as (
  select platform, account_id, arg_max(followers, date_day) filter (where date_day <= date '2026-08-31' and followers is not null) as was,
         arg_max(followers, date_day) filter (where date_day <= date '2026-09-20' and followers is not null) as is_now
  from marketing.social_accounts group by all),
linked as (
  select site_url, arg_max(backlinks, seen_on) filter (where seen_on <= date '2026-08-31' and backlinks is not null) as was,
         arg_max(backlinks, seen_on) filter (where seen_on <= date '2026-09-20' and backlinks is not null) as is_now
  from marketing.site_snapshots group by all)
select date '2026-09-01' as month,
       are as customers_kept,
       are / cast(were as double) as retention_rate_contracts,
       1 - are / cast(were as double) as churn_rate_contracts,
       1 - power(are / cast(were as double), 12) as churn_rate_annualised,
       1 / (1 - are / cast(were as double)) as retention_duration_hazard,
       cast(pay as double) / cast(paid as double) as net_revenue_retention,
       cast(pay_at_most as double) / cast(paid as double) as gross_revenue_retention,
       1 - cast(pay_at_most as double) / cast(paid as double) as churn_rate_revenue,
       (select avg(least(coalesce(valid_to, date '2026-09-21'), date '2026-09-21') - valid_from) from contracts
        where valid_from < date '2026-09-21') as retention_duration_open,
       (select count(*) from spoke) / cast(were as double) / (20 / 30.0) as interaction_frequency_active,
       (select count(*) / cast(count(distinct customer_id) as double) from spoke) / (20 / 30.0) as interaction_frequency_interacting,
       (select count(*) from bought where customer_id in (from buys)) / cast((select count(*) from bought) as double) as retention_rate_buyers,
       1 - (select count(*) from bought where customer_id in (from buys)) / cast((select count(*) from bought) as double) as churn_rate_buyers,
       (select count(*) from new_in_august where customer_id in (from in_september)) / cast((select count(*) from new_in_august) as double)
         as cohort_retention_next_month,
       (select sum(is_now) - sum(was) from followed) as follower_growth,
       (select (sum(is_now) - sum(was)) / cast(sum(was) as double) from followed) as follower_growth_rate,
       (select sum(is_now) - sum(was) from linked) as net_new_backlinks
from stays
