-- Events by class of tap delay over some minutes, all visible channels together. What is filled is late on purpose.
select d.class as "class!", sum(d.events)::bigint as "events!"
from partition_minute m join partition p on p.id = m.partition_id
cross join lateral unnest(m.delay) with ordinality as d(events, class)
where m.minute >= $2 and m.minute < $3 and p.channel_id = any($1) and p.closed_reason is distinct from 'backfill'
group by d.class
