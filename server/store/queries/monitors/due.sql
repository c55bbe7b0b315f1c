-- Of each outlet that is on, and each of its threads, the oldest message that waits, where its time has come; at most $3 of
-- one outlet, so that one that does not answer takes nobody's place.
select id as "id!", message as "message!", attempts as "attempts!", queued_at as "queued_at!: Ts", outlet_id as "outlet_id!"
from (
    select d.id, d.message, d.attempts, d.queued_at, d.outlet_id, d.next_at, d.number,
           row_number() over (partition by d.outlet_id order by d.next_at, d.number) as place
    from delivery d join outlet o on o.id = d.outlet_id
    where d.state = 'waiting' and d.next_at <= $1 and o.is_on
      and not exists (
          select from delivery e
          where e.outlet_id = d.outlet_id and e.state = 'waiting' and e.number < d.number and e.threads && d.threads
      )
) x
where place <= $3
order by next_at, number
limit $2
