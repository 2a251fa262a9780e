-- Sales of the month less what was paid back in it; refunds of no order, and of orders that do not count, are none
-- by: month
select m as month,
       (select coalesce(sum(sold), 0) from sales where month = m)
       - (select coalesce(sum(r.refunded_amount * e.rate), 0)
          from marketing.refunds as r
          join sales as s using (order_id)
          join euros as e on e.currency = r.currency and e.day = cast(local(r.refunded_at) as date)
          where month_of(r.refunded_at) = m) as net_revenue_by_refund_date
from months
