-- Requests that are solved in a week, stay solved, or need one answer, by the way they came
-- by: month, contact_channel
with told as (
  select *, month_of(created_at) as month, month_of(first_solved_at) as solved_month,
         created_at <= timestamp '2026-09-30 22:00:00' - interval 168 hours as is_old,
         first_solved_at <= timestamp '2026-09-30 22:00:00' - interval 168 hours as is_long_solved
  from marketing.tickets),
members as (
  select month, contact_channel from told union select solved_month, contact_channel from told where solved_month is not null)
select month, contact_channel,
       (select count(*) filter (where solved_at <= created_at + interval 168 hours) / nullif(cast(count(*) as double), 0)
        from told as t where t.month = k.month and t.contact_channel is not distinct from k.contact_channel and is_old) as resolution_rate_cohort,
       (select count(*) filter (where first_solved_at <= created_at + interval 168 hours and first_reopened_at is null) / nullif(cast(count(*) as double), 0)
        from told as t where t.month = k.month and t.contact_channel is not distinct from k.contact_channel and is_old) as resolution_rate_not_reopened,
       (select count(*) filter (where coalesce(agent_replies, 0) <= 1
                                  and (first_reopened_at is null or first_reopened_at > first_solved_at + interval 168 hours)) / nullif(cast(count(*) as double), 0)
        from told as t where t.solved_month = k.month and t.contact_channel is not distinct from k.contact_channel and is_long_solved) as first_contact_resolution
from members as k
