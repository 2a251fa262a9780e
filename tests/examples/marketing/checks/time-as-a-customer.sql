-- How long contracts last: those that ended in the month, and all so far until the month's end
-- by: month
select m as month,
       (select avg(valid_to - valid_from) from contracts where valid_to >= m and valid_to < n) as retention_duration_completed,
       (select avg(least(coalesce(valid_to, n), n) - valid_from) from contracts where valid_from < n) as retention_duration_open
from months
