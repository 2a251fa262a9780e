-- Each channel's part of the visits and of the revenue; what nobody knows has its part too
-- by: month, channel
with came as (select month, channel, count(*) as n from visits group by all),
sold as (select month, channel, sum(net) as v from sales group by all)
select coalesce(came.month, sold.month) as month, coalesce(came.channel, sold.channel) as channel,
       coalesce(n, 0) / cast(sum(n) over (partition by coalesce(came.month, sold.month)) as double) as channel_share,
       cast(coalesce(v, 0) as double) / cast(sum(v) over (partition by coalesce(came.month, sold.month)) as double) as revenue_share
from came full join sold on came.month = sold.month and came.channel is not distinct from sold.channel
