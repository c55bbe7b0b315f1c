-- How sending goes, by outlet. An error counts until something arrived after it; that the last one arrived only in part, too.
select o.id, count(d.*) filter (where d.state = 'waiting') as "waiting!",
       count(d.*) filter (where d.state = 'waiting' and d.attempts > 0) as "failing!",
       count(d.*) filter (where d.state = 'given_up' and d.ended_at > $1) as "given_up!",
       (select max(e.ended_at) from delivery e where e.outlet_id = o.id and e.state = 'delivered') as "delivered_at?: Ts",
       f.error as "error?", f.state = 'delivered' as "arrived?"
from outlet o left join delivery d on d.outlet_id = o.id and (d.state = 'waiting' or d.ended_at > $1)
left join lateral (
    select e.error, e.state from delivery e
    where e.outlet_id = o.id and e.error is not null
      -- What was never tried says nothing of the outlet.
      and not (e.attempts = 0 and e.error = $2::text)
      and e.number >= coalesce((select max(g.number) from delivery g where g.outlet_id = o.id and g.state = 'delivered'), 0)
    order by e.number desc limit 1
) f on true
group by o.id, f.error, f.state
