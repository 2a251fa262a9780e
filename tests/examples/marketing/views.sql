-- What the hand-written checks share, on DuckDB: local time, euros at the day's rate, orders and visits that count.
create macro local(instant) as instant at time zone 'UTC' at time zone 'Europe/Paris';
create macro month_of(instant) as cast(date_trunc('month', instant at time zone 'UTC' at time zone 'Europe/Paris') as date);

-- m is the first day of a month, n that of the next one.
create temp view months as
select cast(unnest(generate_series(timestamp '2024-10-01', timestamp '2026-09-01', interval 1 month)) as date) as m,
       cast(m + interval 1 month as date) as n;

-- The last rate known on each day, with no rates at week-ends.
create temp view euros as
select d.day, r.from_currency as currency, arg_max(r.rate, r.quoted_on) as rate
from (select cast(unnest(generate_series(timestamp '2024-01-08', timestamp '2026-12-31', interval 1 day)) as date) as day) as d
join marketing.exchange_rates as r on r.to_currency = 'EUR' and r.quoted_on <= d.day and r.quoted_on > d.day - 7
group by all
union all
select cast(unnest(generate_series(timestamp '2024-01-01', timestamp '2026-12-31', interval 1 day)) as date), 'EUR', 1;

create temp view visits as
select *, month_of(started_at) as month,
       pageviews >= 2 or key_events >= 1 or engaged_time >= 10 as engaged,
       case when medium in ('email', 'e-mail') then 'Email'
            when medium = 'paid_social' then 'Paid Social'
            when medium = 'cpc' then 'Paid Search'
            when medium = 'display' then 'Display'
            when medium = 'affiliate' then 'Affiliates'
            when medium = 'social' then 'Organic Social'
            when medium = 'organic' then 'Organic Search'
            when medium = 'referral' then 'Referral'
            when source = '(direct)' then 'Direct'
            else 'Unassigned' end as channel
from marketing.sessions
where not is_bot and not is_internal and started_at < timestamp '2026-09-30 22:00:00';

create temp view events as
select *, month_of(happened_at) as month from marketing.web_events
where not is_bot and not is_internal and happened_at < timestamp '2026-09-30 22:00:00';

create temp view sales as
select o.*, month_of(o.ordered_at) as month, e.rate,
       o.gross_amount * e.rate as gross,
       (o.gross_amount - coalesce(o.discount_amount, 0)) * e.rate as sold,
       (o.gross_amount - coalesce(o.discount_amount, 0) - coalesce(o.refunded_amount, 0)) * e.rate as net,
       v.channel, v.campaign_id, v.platform,
       case when o.customer_id is not null then row_number() over (partition by o.customer_id order by o.ordered_at) end as nth
from marketing.orders as o
left join euros as e on e.currency = o.currency and e.day = cast(local(o.ordered_at) as date)
left join visits as v on v.session_id = o.session_id
where not o.is_test and o.cancelled_at is null and o.ordered_at < timestamp '2026-09-30 22:00:00';

create temp view lines as
select l.*, s.month, s.ordered_at, s.channel, s.campaign_id, s.customer_id,
       l.net_amount * s.rate as sold, (l.net_amount - l.cost_amount) * s.rate as margin, p.category
from marketing.order_lines as l
join sales as s using (order_id)
left join marketing.products as p using (product_id);

create temp view leads as
select *, month_of(created_at) as month from marketing.leads
where not is_duplicate and created_at < timestamp '2026-09-30 22:00:00';

create temp view costs as
select c.*, cast(date_trunc('month', c.incurred_on) as date) as month, c.cost_amount * e.rate as cost
from marketing.campaign_costs as c
left join euros as e on e.currency = c.currency and e.day = c.incurred_on
where c.incurred_on < date '2026-10-01';

create temp view ads as
select a.*, cast(date_trunc('month', a.served_on) as date) as month,
       a.spend_amount * e.rate as spend, a.conversions_amount * e.rate as worth
from marketing.ad_performance as a
left join euros as e on e.currency = a.currency and e.day = a.served_on;

create temp view contracts as
select c.*, c.monthly_amount * e.rate as monthly
from marketing.memberships as c
left join euros as e on e.currency = c.currency and e.day = c.valid_from;

-- Who holds a contract when a month is over, and for how much.
create temp view held as
select months.m, customer_id, sum(monthly) as monthly
from months join contracts on valid_from < months.n and (valid_to is null or valid_to >= months.n)
group by all;
