-- Of each outlet that is on and each thread the oldest message that waits, where its time has come.
select d.id, d.message, d.attempts, d.queued_at as "queued_at: Ts", d.outlet_id as "outlet_id!"
from delivery d join outlet o on o.id = d.outlet_id
where d.state = 'waiting' and d.next_at <= $1 and o.is_on
  and not exists (
      select from delivery e
      where e.outlet_id = d.outlet_id and e.state = 'waiting' and e.number < d.number and e.threads && d.threads
  )
order by d.next_at, d.number
limit $2
