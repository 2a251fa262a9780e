-- Until a request is solved for good, of those that were solved in the month
-- by: month
select month_of(solved_at) as month, median((epoch(solved_at) - epoch(created_at)) / 3600.0) as resolution_time
from marketing.tickets where solved_at is not null group by all
