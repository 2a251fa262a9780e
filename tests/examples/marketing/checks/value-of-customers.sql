-- Five parts from 0 to 1, of equal weights; one without data is left out with its weight
-- by: month
with parts as (
  select m,
         (select count(*) filter (where score >= scale_max - 1) / nullif(cast(count(score) as double), 0)
          from marketing.survey_responses where month_of(responded_at) = m and question = 'csat') as content,
         (select count(distinct customer_id) filter (where local(ever) < m) / nullif(cast(count(distinct customer_id) as double), 0)
          from sales join (select customer_id, min(ordered_at) as ever from sales where customer_id is not null group by all) using (customer_id)
          where month = m) as returning_part,
         (select cast(sum(net) as double) / count(*) from sales where month = m)
         / (select cast(sum(net) as double) / count(*) from sales where month = m - interval 1 month) - 1 as growth,
         (select count(*) filter (where exists (
                   select 1 from sales as s
                   where s.cart_id = c.cart_id and s.ordered_at > c.created_at and s.ordered_at <= c.created_at + interval 24 hours))
                 / nullif(cast(count(*) as double), 0)
          from marketing.carts as c
          where month_of(c.created_at) = m and c.created_at <= timestamp '2026-09-29 22:00:00') as ordered_part,
         (select avg(cast(exists (
                   select 1 from sales as s
                   where s.customer_id = b.customer_id and s.month > m - interval 12 month and s.month <= m) as int))
          from (select distinct customer_id from sales
                where customer_id is not null and month > m - interval 13 month and month < m) as b) as kept
  from months),
told as (
  select m, unnest([content, returning_part, case when growth is not null then least(1, greatest(0, 0.5 + growth)) end, ordered_part, kept]) as part from parts)
select m as month, 100 * avg(part) as customer_value_index from told group by all
