-- How sending goes, by outlet. An error counts until something arrived after it.
select o.id, count(d.*) filter (where d.state = 'waiting') as "waiting!",
       count(d.*) filter (where d.state = 'waiting' and d.attempts > 0) as "failing!",
       count(d.*) filter (where d.state = 'given_up' and d.ended_at > $1) as "given_up!",
       (select max(e.ended_at) from delivery e where e.outlet_id = o.id and e.state = 'delivered') as "delivered_at?: Ts",
       (select e.error from delivery e
        where e.outlet_id = o.id and e.error is not null and e.state <> 'delivered'
          and e.number > coalesce((select max(f.number) from delivery f where f.outlet_id = o.id and f.state = 'delivered'), 0)
        order by e.number desc limit 1) as "error?"
from outlet o left join delivery d on d.outlet_id = o.id and (d.state = 'waiting' or d.ended_at > $1)
group by o.id
